// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRedEnvelope as I} from "../../contracts/interfaces/IRedEnvelope.sol";
import {EnvelopeFixture} from "./support/EnvelopeFixture.sol";

/// Shares that are claimed with keys. Tree: RedEnvelope.tree.
contract RedEnvelopeSharesTest is EnvelopeFixture {
    // --- claimShare ---

    function testFuzz_claimShare_paysEveryShareOnce(uint16 count, uint256 order) public {
        I.Share[] memory shares = sharesOf(uint16(within(count, 1, 9)));
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        uint128 left = t.amount;
        uint256 step = [uint256(1), 11, 13, 17][order % 4];
        uint128 bits;
        for (uint256 i = 0; i < shares.length; ++i) {
            uint256 nth = ((order % 1_000) + i * step) % shares.length;
            address recipient = address(uint160(0x1000 + nth));
            left -= shares[nth].amount;
            bits |= uint128(1) << uint128(nth);
            vm.expectEmit();
            emit I.ShareClaimed(id, recipient, uint16(nth), shares[nth].amount, left);
            eq(claimFor(t, shares, nth, recipient), shares[nth].amount, "paid");
            eq(token.balanceOf(recipient), shares[nth].amount, "received");
            eq(envelopes.envelope(id).claimed, bits, "claimed");
            eq(envelopes.envelope(id).left, left, "left");
        }
        eq(token.balanceOf(address(envelopes)), 0, "all given out");
    }

    function test_claimShare_all128() public {
        I.Share[] memory shares = sharesOf(128);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        uint256[4] memory some = [uint256(127), 0, 126, 64];
        for (uint256 i = 0; i < 4; ++i) claimFor(t, shares, some[i], bob);
        eq(
            envelopes.envelope(id).claimed,
            (uint128(1) << 127) | (uint128(1) << 126) | (uint128(1) << 64) | 1,
            "each its own bit"
        );
    }

    function test_claimShare_needsSomethingLeft() public {
        I.Share[] memory shares = sharesOf(2);
        I.Terms memory t = termsOf(shares);
        bytes32 id = envelopes.envelopeId(t);
        bytes memory sig = signClaim(0, id, bob);
        bytes32[] memory path = pathOf(shares, 0);
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.claimShare(t, shares[0], path, bob, sig);
        createEnvelope(t);
        claimFor(t, shares, 0, bob);
        claimFor(t, shares, 1, bob);
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.claimShare(t, shares[0], path, bob, sig);
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.claimGatedShare(t, bob, 1, [uint256(0), 0, 0, 0, 0, 0, 0, 0]);
    }

    function test_claimShare_endsAtExpiry() public {
        I.Share[] memory shares = sharesOf(2);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        bytes memory sig = signClaim(1, id, bob);
        bytes32[] memory path = pathOf(shares, 1);
        vm.warp(t.expiry - 1);
        claimFor(t, shares, 0, bob);
        vm.warp(t.expiry);
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExpired.selector, id, t.expiry));
        envelopes.claimShare(t, shares[1], path, bob, sig);
    }

    function test_claimShare_isOnlyForEnvelopesWithoutAGate() public {
        I.Share[] memory shares = sharesOf(2);
        I.Terms memory t = termsOf(shares);
        t.gated = true;
        t.root = bytes32(uint256(t.root) % FIELD);
        bytes32 id = createEnvelope(t);
        bytes memory sig = signClaim(0, id, bob);
        bytes32[] memory path = pathOf(shares, 0);
        vm.expectRevert(abi.encodeWithSelector(I.WrongGate.selector, id, true));
        envelopes.claimShare(t, shares[0], path, bob, sig);
    }

    function test_claimShare_needsARecipient() public {
        I.Share[] memory shares = sharesOf(2);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        bytes32[] memory path = pathOf(shares, 0);
        address[2] memory bad = [address(0), address(envelopes)];
        for (uint256 i = 0; i < 2; ++i) {
            bytes memory sig = signClaim(0, id, bad[i]);
            vm.expectRevert(abi.encodeWithSelector(I.BadRecipient.selector, bad[i]));
            envelopes.claimShare(t, shares[0], path, bad[i], sig);
        }
    }

    function test_claimShare_needsAnIndexBelowTheNumberOfShares() public {
        I.Share[] memory shares = sharesOf(3);
        shares[2].index = 3;
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        bytes memory sig = signClaim(2, id, bob);
        bytes32[] memory path = pathOf(shares, 2);
        vm.expectRevert(abi.encodeWithSelector(I.NoSuchIndex.selector, id, 3, 3));
        envelopes.claimShare(t, shares[2], path, bob, sig);
    }

    function test_claimShare_paysAnIndexOnce() public {
        I.Share[] memory shares = sharesOf(3);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        claimFor(t, shares, 1, bob);
        bytes memory sig = signClaim(1, id, carol);
        bytes32[] memory path = pathOf(shares, 1);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyClaimed.selector, id, 1));
        envelopes.claimShare(t, shares[1], path, carol, sig);
    }

    function test_claimShare_needsAShareUnderTheRoot() public {
        I.Share[] memory shares = sharesOf(3);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        bytes memory sig = signClaim(0, id, bob);
        bytes32[] memory path = pathOf(shares, 0);
        for (uint256 i = 0; i < 4; ++i) {
            I.Share memory s = sharesOf(3)[0];
            if (i == 0) s.index = 2;
            if (i == 1) s.amount += 1;
            if (i == 2) s.key = vm.addr(bobKey);
            bytes32[] memory p = path;
            if (i == 3) p = pathOf(shares, 2);
            vm.expectRevert(abi.encodeWithSelector(I.NotAShare.selector, id, s));
            envelopes.claimShare(t, s, p, bob, sig);
        }
    }

    function test_claimShare_needsTheClaimKeysSignature() public {
        I.Share[] memory shares = sharesOf(3);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        bytes32[] memory path = pathOf(shares, 0);
        address key = shares[0].key;
        bytes memory sig = signClaim(1, id, bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, shares[1].key, key));
        envelopes.claimShare(t, shares[0], path, bob, sig);
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, address(0), key));
        envelopes.claimShare(t, shares[0], path, bob, "");
    }

    /// A share whose key is nobody's can't be taken with a malformed signature.
    function test_claimShare_theZeroKeyIsNobodys() public {
        I.Share[] memory shares = sharesOf(2);
        shares[0].key = address(0);
        I.Terms memory t = termsOf(shares);
        createEnvelope(t);
        bytes32[] memory path = pathOf(shares, 0);
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, address(0), address(0)));
        envelopes.claimShare(t, shares[0], path, bob, "");
    }
}
