import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1String;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.Attribute;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.AttributeTypeAndValue;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.OtherName;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** BouncyCastle over every CSR of a folder. An SM2 signature is verified with its default identity. */
public final class ReadWithBouncyCastle {
    private static final Map<ASN1ObjectIdentifier, String> TYPES =
            Map.ofEntries(
                    Map.entry(BCStyle.C, "C"),
                    Map.entry(BCStyle.ST, "ST"),
                    Map.entry(BCStyle.L, "L"),
                    Map.entry(BCStyle.O, "O"),
                    Map.entry(BCStyle.OU, "OU"),
                    Map.entry(BCStyle.CN, "CN"),
                    Map.entry(BCStyle.EmailAddress, "emailAddress"),
                    Map.entry(BCStyle.SURNAME, "SN"),
                    Map.entry(BCStyle.SERIALNUMBER, "serialNumber"),
                    Map.entry(BCStyle.STREET, "street"),
                    Map.entry(BCStyle.T, "title"),
                    Map.entry(BCStyle.DESCRIPTION, "description"),
                    Map.entry(BCStyle.BUSINESS_CATEGORY, "businessCategory"),
                    Map.entry(BCStyle.POSTAL_CODE, "postalCode"),
                    Map.entry(BCStyle.GIVENNAME, "GN"),
                    Map.entry(BCStyle.INITIALS, "initials"),
                    Map.entry(BCStyle.GENERATION, "generationQualifier"),
                    Map.entry(BCStyle.DN_QUALIFIER, "dnQualifier"),
                    Map.entry(BCStyle.PSEUDONYM, "pseudonym"),
                    Map.entry(BCStyle.ORGANIZATION_IDENTIFIER, "organizationIdentifier"),
                    Map.entry(BCStyle.UID, "UID"),
                    Map.entry(BCStyle.DC, "DC"));
    private static final ASN1ObjectIdentifier TLS_FEATURE = new ASN1ObjectIdentifier("1.3.6.1.5.5.7.1.24");

    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        for (File file : new File(args[0]).listFiles()) {
            String name = file.getName().replace(".pem", "");
            List<String> lines = new ArrayList<>();
            try {
                read(file, lines);
            } catch (Exception refused) {
                lines = List.of("refused\t" + refused.toString().replace('\n', ' '));
            }
            lines.forEach(line -> out.println(name + "\t" + line));
        }
    }

    private static void read(File file, List<String> lines) throws Exception {
        PKCS10CertificationRequest csr;
        try (PEMParser parser = new PEMParser(new FileReader(file, UTF_8))) {
            csr = (PKCS10CertificationRequest) parser.readObject();
        }
        var verifier = new JcaContentVerifierProviderBuilder().setProvider(new BouncyCastleProvider());
        if (!csr.isSignatureValid(verifier.build(csr.getSubjectPublicKeyInfo()))) {
            throw new Exception("the signature does not hold");
        }
        byte[] key = MessageDigest.getInstance("SHA-256").digest(csr.getSubjectPublicKeyInfo().getEncoded());
        lines.add("public_key\t" + HexFormat.of().formatHex(key));
        lines.add("signature_algorithm\t" + algorithm(csr.getSignatureAlgorithm()));
        for (String attribute : attributes(csr.getSubject())) {
            lines.add("subject\t" + attribute);
        }
        lines.add("accepted\t");
        for (Attribute attribute : csr.getAttributes()) {
            lines.add("detail\tattribute " + attribute.getAttrType().getId());
            ASN1Encodable value = attribute.getAttributeValues()[0];
            if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_challengePassword)) {
                lines.add("detail\tchallenge_password " + string(value));
            } else if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
                extensions(Extensions.getInstance(value), lines);
            } else {
                lines.add("value\tattribute " + attribute.getAttrType().getId() + " " + hex(value));
            }
        }
    }

    /** A plus before each that is not the first of its relative name. */
    private static List<String> attributes(X500Name name) {
        List<String> all = new ArrayList<>();
        for (RDN rdn : name.getRDNs()) {
            String joined = "";
            for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
                String type = TYPES.getOrDefault(attribute.getType(), attribute.getType().getId());
                all.add(joined + type + "=" + string(attribute.getValue()));
                joined = "+";
            }
        }
        return all;
    }

    private static String hex(ASN1Encodable value) throws Exception {
        return HexFormat.of().formatHex(value.toASN1Primitive().getEncoded("DER"));
    }

    private static String algorithm(AlgorithmIdentifier algorithm) throws Exception {
        ASN1Encodable parameters = algorithm.getParameters();
        boolean isNull = DERNull.INSTANCE.equals(parameters);
        String shown = parameters == null ? "" : isNull ? " NULL" : " " + hex(parameters);
        return algorithm.getAlgorithm().getId() + shown;
    }

    private static String string(ASN1Encodable value) {
        return ((ASN1String) value.toASN1Primitive()).getString();
    }

    private static void extensions(Extensions extensions, List<String> lines) throws Exception {
        for (ASN1ObjectIdentifier oid : extensions.getExtensionOIDs()) {
            Extension extension = extensions.getExtension(oid);
            lines.add("detail\textension " + oid.getId() + (extension.isCritical() ? " critical" : ""));
            ASN1Encodable value = extension.getParsedValue();
            if (oid.equals(Extension.subjectAlternativeName)) {
                for (GeneralName name : GeneralNames.getInstance(value).getNames()) {
                    lines.add("san\t" + san(name));
                }
            } else if (oid.equals(Extension.keyUsage)) {
                lines.add("detail\tkey_usage" + keyUsage(KeyUsage.getInstance(value)));
            } else if (oid.equals(Extension.extendedKeyUsage)) {
                StringBuilder purposes = new StringBuilder();
                for (KeyPurposeId purpose : ExtendedKeyUsage.getInstance(value).getUsages()) {
                    purposes.append(' ').append(purpose.getId());
                }
                lines.add("detail\textended_key_usage" + purposes);
            } else if (oid.equals(Extension.basicConstraints)) {
                BasicConstraints constraints = BasicConstraints.getInstance(value);
                Object length = constraints.getPathLenConstraint();
                lines.add("detail\tbasic_constraints " + constraints.isCA() + " " + (length == null ? "-" : length));
            } else if (oid.equals(TLS_FEATURE)) {
                StringBuilder features = new StringBuilder();
                ASN1Sequence.getInstance(value).forEach(feature -> features.append(' ').append(feature));
                lines.add("detail\ttls_feature" + features);
            } else {
                lines.add("value\textension " + oid.getId() + " " + hex(value));
            }
        }
    }

    private static String san(GeneralName name) throws Exception {
        switch (name.getTagNo()) {
            case GeneralName.dNSName:
                return "DNS:" + string(name.getName());
            case GeneralName.rfc822Name:
                return "email:" + string(name.getName());
            case GeneralName.uniformResourceIdentifier:
                return "URI:" + string(name.getName());
            case GeneralName.iPAddress:
                byte[] octets = ASN1OctetString.getInstance(name.getName()).getOctets();
                return "IP:" + InetAddress.getByAddress(octets).getHostAddress();
            case GeneralName.registeredID:
                return "RID:" + ASN1ObjectIdentifier.getInstance(name.getName()).getId();
            case GeneralName.directoryName:
                StringBuilder directory = new StringBuilder("dirName:");
                attributes(X500Name.getInstance(name.getName())).forEach(a -> directory.append('/').append(a));
                return directory.toString();
            case GeneralName.otherName:
                OtherName other = OtherName.getInstance(name.getName());
                return "otherName:" + other.getTypeID().getId() + "=" + hex(other.getValue());
            default:
                throw new Exception("a SAN with tag " + name.getTagNo());
        }
    }

    /** Bit 0, digitalSignature, is the highest of the first octet. */
    private static String keyUsage(KeyUsage usage) {
        byte[] octets = usage.getBytes();
        StringBuilder bits = new StringBuilder();
        for (int bit = 0; bit < 8 * octets.length; bit++) {
            if ((octets[bit / 8] & (0x80 >> (bit % 8))) != 0) {
                bits.append(' ').append(bit);
            }
        }
        return bits.toString();
    }
}
