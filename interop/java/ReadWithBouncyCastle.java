import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.FileReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.util.ArrayList;
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
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;

/** BouncyCastle over every CSR of a folder. An SM2 signature is verified with its default identity. */
public final class ReadWithBouncyCastle {
    private static final Map<ASN1ObjectIdentifier, String> TYPES =
            Map.of(
                    BCStyle.C, "C",
                    BCStyle.ST, "ST",
                    BCStyle.L, "L",
                    BCStyle.O, "O",
                    BCStyle.OU, "OU",
                    BCStyle.CN, "CN",
                    BCStyle.EmailAddress, "emailAddress");
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
        lines.add("public_key\t" + java.util.HexFormat.of().formatHex(key));
        lines.add("signature_algorithm\t" + algorithm(csr.getSignatureAlgorithm()));
        for (RDN rdn : csr.getSubject().getRDNs()) {
            for (AttributeTypeAndValue attribute : rdn.getTypesAndValues()) {
                String type = TYPES.getOrDefault(attribute.getType(), attribute.getType().getId());
                lines.add("subject\t" + type + "=" + string(attribute.getValue()));
            }
        }
        lines.add("accepted\t");
        for (Attribute attribute : csr.getAttributes()) {
            lines.add("detail\tattribute " + attribute.getAttrType().getId());
            ASN1Encodable value = attribute.getAttributeValues()[0];
            if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_challengePassword)) {
                lines.add("detail\tchallenge_password " + string(value));
            } else if (attribute.getAttrType().equals(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest)) {
                extensions(Extensions.getInstance(value), lines);
            }
        }
    }

    private static String algorithm(AlgorithmIdentifier algorithm) {
        boolean isNull = DERNull.INSTANCE.equals(algorithm.getParameters());
        return algorithm.getAlgorithm().getId() + (isNull ? " NULL" : "");
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
