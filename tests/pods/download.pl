# download.pl PORT PATH: prints what loopback serves, with what Debian's least has (no curl, no wget).
use strict;
use IO::Socket::INET;
my ($port, $path) = @ARGV;
my $server = IO::Socket::INET->new("127.0.0.1:$port") or die "no server: $!";
print $server "GET $path HTTP/1.0\r\n\r\n";
my $status = <$server>;
die "refused: $status" unless $status =~ / 200 /;
while (<$server>) { last if /^\r\n$/ }
binmode STDOUT;
print while read $server, $_, 1 << 16;
