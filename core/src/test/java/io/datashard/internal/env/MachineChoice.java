package io.datashard.internal.env;

/** Says where this process meets others, as it was told by properties and environment. */
public final class MachineChoice {
  private MachineChoice() {}

  /** No arguments. */
  public static void main(String[] arguments) {
    MachineFolder folder = MachineFolder.shared();
    System.out.println(folder == null ? "nowhere" : folder.path());
    System.out.println(Env.system().machine().isThere());
  }
}
