pragma circom 2.2.0;

include "../lib/rln.circom";

component main { public [x, externalNullifier] } = Rln(20, 16);
