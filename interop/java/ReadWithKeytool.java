import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;

/** The JDK's own keytool -printcertreq over every CSR of a folder, in one process. */
public final class ReadWithKeytool {
    public static void main(String[] args) {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, UTF_8);
        for (File file : new File(args[0]).listFiles()) {
            String name = file.getName().replace(".pem", "");
            ByteArrayOutputStream said = new ByteArrayOutputStream();
            System.setOut(new PrintStream(said, true, UTF_8));
            try {
                // With -debug it throws where it would exit.
                sun.security.tools.keytool.Main.main(
                        new String[] {"-debug", "-printcertreq", "-file", file.getPath()});
            } catch (Exception refused) {
                out.println(name + "\trefused\t" + refused.toString().replace('\n', ' '));
                continue;
            }
            said.toString(UTF_8).lines().forEach(line -> out.println(name + "\tsaid\t" + line));
        }
    }
}
