// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {Vouchers} from "../../contracts/payments/Vouchers.sol";
import {TestBase} from "./support/TestBase.sol";

contract VouchersTest is TestBase {
    /// @dev (order of secp256k1 - 1) / 2
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;
    /// @dev The x of the curve's generator, which is the r of some signature of any hash.
    bytes32 private constant R = 0x79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798;

    /// A signature by nobody's known key recovers to some address, so the bound of s can be met exactly.
    function test_recover_takesTheLowerHalfOfSAlone() public view {
        bytes32 hash = keccak256("hash");
        address signer = ecrecover(hash, 27, R, bytes32(HALF_ORDER));
        ok(signer != address(0), "a signer");
        eq(Vouchers.recover(hash, R, bytes32(HALF_ORDER)), signer, "half the order");
        ok(ecrecover(hash, 27, R, bytes32(HALF_ORDER + 1)) != address(0), "another signer");
        eq(Vouchers.recover(hash, R, bytes32(HALF_ORDER + 1)), address(0), "one more");
    }
}
