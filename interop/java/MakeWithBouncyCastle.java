import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.FileWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DERPrintableString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CertificatePolicies;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.PolicyInformation;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.ContentSigner;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A CSR and a certificate by BouncyCastle, in the folders that are given. */
public final class MakeWithBouncyCastle {
    public static void main(String[] args) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair key = generator.generateKeyPair();
        ContentSigner signer = new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate());
        X500Name subject =
                new X500NameBuilder(BCStyle.INSTANCE)
                        .addRDN(BCStyle.O, "Example, Ltd")
                        .addRDN(BCStyle.OU, "A")
                        .addRDN(BCStyle.OU, "B")
                        .addMultiValuedRDN(
                                new ASN1ObjectIdentifier[] {BCStyle.CN, BCStyle.UID}, new String[] {"Gerät 7", "u7"})
                        .addRDN(BCStyle.SERIALNUMBER, "SN-7")
                        .addRDN(BCStyle.DC, "example")
                        .addRDN(BCStyle.PSEUDONYM, "p")
                        .addRDN(oid("2.999.1"), new DERUTF8String("any"))
                        .addRDN(BCStyle.C, "GB")
                        .build();
        ExtensionsGenerator asked = new ExtensionsGenerator();
        asked.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names()));
        asked.addExtension(
                Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
        asked.addExtension(
                Extension.extendedKeyUsage,
                false,
                new ExtendedKeyUsage(
                        new KeyPurposeId[] {KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_smartcardlogon}));
        asked.addExtension(oid("1.3.6.1.5.5.7.1.24"), false, new DERSequence(new ASN1Integer(5)));
        asked.addExtension(oid("1.3.6.1.4.1.311.20.2"), false, new DERBMPString("Web"));
        asked.addExtension(oid("2.999.4"), true, new DERSequence(DERNull.INSTANCE));

        var request = new JcaPKCS10CertificationRequestBuilder(subject, key.getPublic());
        request.addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, asked.generate());
        request.addAttribute(
                PKCSObjectIdentifiers.pkcs_9_at_challengePassword, new DERPrintableString("geheim"));
        request.addAttribute(oid("2.999.5"), new ASN1Integer(-5));
        write(new File(args[0], "BouncyCastle.pem"), request.build(signer));

        long now = System.currentTimeMillis();
        var certificate =
                new JcaX509v3CertificateBuilder(
                        new X500Name("CN=Example CA"),
                        BigInteger.valueOf(7),
                        new Date(now),
                        new Date(now + 86_400_000L * 30),
                        subject,
                        key.getPublic());
        for (ASN1ObjectIdentifier type : asked.generate().getExtensionOIDs()) {
            certificate.addExtension(asked.generate().getExtension(type));
        }
        var keys = new JcaX509ExtensionUtils();
        var point = new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, "http://ca.example/"));
        certificate.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        certificate.addExtension(
                Extension.subjectKeyIdentifier, false, keys.createSubjectKeyIdentifier(key.getPublic()));
        certificate.addExtension(
                Extension.authorityKeyIdentifier, false, keys.createAuthorityKeyIdentifier(key.getPublic()));
        certificate.addExtension(
                Extension.certificatePolicies,
                false,
                new CertificatePolicies(new PolicyInformation(oid("2.999.9"))));
        certificate.addExtension(
                Extension.cRLDistributionPoints,
                false,
                new CRLDistPoint(
                        new DistributionPoint[] {
                            new DistributionPoint(new DistributionPointName(point), null, null)
                        }));
        write(new File(args[1], "BouncyCastle.pem"), certificate.build(signer));
    }

    private static GeneralName[] names() {
        return new GeneralName[] {
            new GeneralName(GeneralName.dNSName, "device-7.example"),
            otherName("1.3.6.1.4.1.311.20.2.3", new DERUTF8String("jürgen@example.com")),
            otherName("2.999.2", new DERSequence(new ASN1Integer(5))),
            new GeneralName(new X500Name("O=Example,CN=a+UID=b")),
            new GeneralName(GeneralName.registeredID, "2.999.3"),
            new GeneralName(GeneralName.iPAddress, "192.0.2.7"),
            new GeneralName(GeneralName.rfc822Name, "a@b.example"),
            new GeneralName(GeneralName.uniformResourceIdentifier, "urn:x:y"),
        };
    }

    private static GeneralName otherName(String type, ASN1Encodable value) {
        DERSequence other = new DERSequence(new ASN1Encodable[] {oid(type), new DERTaggedObject(true, 0, value)});
        return new GeneralName(GeneralName.otherName, other);
    }

    private static ASN1ObjectIdentifier oid(String dotted) {
        return new ASN1ObjectIdentifier(dotted);
    }

    private static void write(File file, Object made) throws Exception {
        try (JcaPEMWriter writer = new JcaPEMWriter(new FileWriter(file, UTF_8))) {
            writer.writeObject(made);
        }
    }
}
