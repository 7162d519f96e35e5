# The formula of a release; `make dist` fills in version, URL and checksum. There is no deskrun tap; to install it, put
# it into your own (`brew tap-new YOU/tap`).
class Deskrun < Formula
  desc "GitHub Actions runners on your own machine"
  homepage "https://github.com/@REPOSITORY@"
  url "https://github.com/@REPOSITORY@/releases/download/v@VERSION@/deskrun-@VERSION@-source.tar.gz"
  sha256 "@SHA256@"
  license "MIT"

  depends_on "pkgconf" => :build
  depends_on xcode: ["26.0", :build] if OS.mac?
  depends_on "helm"
  depends_on "kind"
  depends_on "kubernetes-cli"
  depends_on "libyaml"
  uses_from_macos "swift" => :build
  uses_from_macos "ncurses"

  def install
    # The sandbox of Swift's package manager cannot be created inside Homebrew's.
    arguments = ["--disable-sandbox", "-c", "release", "--product", "deskrun"]
    arguments << "--static-swift-stdlib" if OS.linux?
    system "swift", "build", *arguments
    system "env", "KIND=homebrew", "REPOSITORY=@REPOSITORY@", "DESTDIR=/", "Scripts/install-built", prefix
  end

  test do
    assert_equal "deskrun #{version} (from Homebrew)", shell_output("#{bin}/deskrun version").strip
    assert_match "web-ci", shell_output("DESKRUN_DEMO_HOME=#{testpath} #{bin}/deskrun --demo list")
  end
end
