#!/usr/bin/perl
# Writes tables.h from perl's own Unicode database: sentence-break classes, default-ignorable, emoji.
use strict; use warnings;
sub ranges { my ($re)=@_; my @r; my $s=-1;
  for my $c (0..0x110000) { my $in = $c<=0x10FFFF && !($c>=0xD800&&$c<=0xDFFF) && chr($c)=~$re;
    if ($in && $s<0) {$s=$c} elsif (!$in && $s>=0) { push @r,[$s,$c-1]; $s=-1 } } return @r }
print "/* Made by gen_tables.pl (Unicode ", (require Unicode::UCD && Unicode::UCD::UnicodeVersion()), "); do not edit. */\n";
print "#ifndef TESTS_ORACLE_TABLES_H\n#define TESTS_ORACLE_TABLES_H\n\n#include <stdint.h>\n\n";
print "struct range { uint32_t from, to; };\n";
print "struct class_range { uint32_t from, to; unsigned char class; };\n";
my %sb=(Sep=>qr/\p{SB=SE}/,CR=>qr/\p{SB=CR}/,LF=>qr/\p{SB=LF}/,Extend=>qr/\p{SB=EX}/,Format=>qr/\p{SB=FO}/,Sp=>qr/\p{SB=SP}/,Lower=>qr/\p{SB=LO}/,
 Upper=>qr/\p{SB=UP}/,OLetter=>qr/\p{SB=LE}/,Numeric=>qr/\p{SB=NU}/,ATerm=>qr/\p{SB=AT}/,SContinue=>qr/\p{SB=SC}/,STerm=>qr/\p{SB=ST}/,Close=>qr/\p{SB=CL}/);
my @n=sort keys %sb; print "enum sb { SB_Other", (map {", SB_$_"} @n), " };\n";
print "static const struct class_range sentence_table[] = {\n";
my @all; for my $k (@n) { push @all, map { [@$_,$k] } ranges($sb{$k}) }
printf "\t{ 0x%X, 0x%X, SB_%s },\n", @$_ for sort { $a->[0]<=>$b->[0] } @all; print "};\n";
for (['ignorable',qr/\p{DI}/],['emoji',qr/(?![0-9#*])\p{Emoji}/],['shown',qr/\p{EPres}/]) {
 print "static const struct range $_->[0]_table[] = {\n"; printf "\t{ 0x%X, 0x%X },\n", @$_ for ranges($_->[1]); print "};\n"; }
print "\n#endif\n";
