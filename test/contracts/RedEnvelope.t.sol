// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IRedEnvelope as I} from "../../contracts/interfaces/IRedEnvelope.sol";
import {ISemaphoreVerifier} from "../../contracts/interfaces/ISemaphoreVerifier.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {RedEnvelope} from "../../contracts/payments/RedEnvelope.sol";
import {EnvelopeFixture} from "./support/EnvelopeFixture.sol";
import {Receiver} from "./support/HostileTokens.sol";

contract RedEnvelopeTest is EnvelopeFixture {
    // --- constructor, create ---

    function test_constructor_needsTokenAndVerifier() public {
        ISemaphoreVerifier verifier = envelopes.verifier();
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        new RedEnvelope(IERC20(address(0)), verifier);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        new RedEnvelope(token, ISemaphoreVerifier(address(0)));
    }

    function testFuzz_create_locksTheAmount(
        uint128 amount,
        uint16 shares,
        uint40 lifetime,
        bytes32 salt
    ) public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.amount = uint128(within(amount, 1, WEALTH));
        t.shares = uint16(within(shares, 1, 128));
        t.expiry = uint40(block.timestamp + within(lifetime, 1, 366 days));
        t.salt = salt;
        bytes32 id = envelopes.envelopeId(t);
        uint256 before = token.balanceOf(alice);
        vm.expectEmit();
        emit I.EnvelopeCreated(id, alice, t);
        eq(createEnvelope(t), id, "named by its terms");
        eq(envelopes.envelope(id).left, t.amount, "left");
        eq(envelopes.envelope(id).claimed, 0, "claimed");
        eq(before - token.balanceOf(alice), t.amount, "alice paid");
        eq(token.balanceOf(address(envelopes)), t.amount, "held");
    }

    function test_create_onlyByTheCreator() public {
        I.Terms memory t = termsOf(sharesOf(3));
        vm.expectRevert(abi.encodeWithSelector(I.NotCreator.selector, envelopes.envelopeId(t), mallory));
        vm.prank(mallory);
        envelopes.create(t);
    }

    function badTerms(I.Terms memory t) private {
        vm.expectRevert(I.BadTerms.selector);
        vm.prank(alice);
        envelopes.create(t);
    }

    function test_create_refusesBadTerms() public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.amount = 0;
        badTerms(t);
        t = termsOf(sharesOf(3));
        t.shares = 0;
        badTerms(t);
        t.shares = 129;
        badTerms(t);
        t = termsOf(sharesOf(3));
        t.root = 0;
        badTerms(t);
        t = termsOf(sharesOf(3));
        t.expiry = uint40(block.timestamp);
        badTerms(t);
        t.expiry = uint40(block.timestamp + 366 days + 1);
        badTerms(t);
        t.expiry = 0;
        badTerms(t);
    }

    function test_create_refusesBadTermsOfAGate() public {
        I.Terms memory t = gatedTerms(3);
        t.amount = 301;
        badTerms(t);
        t = gatedTerms(3);
        t.root = 0;
        badTerms(t);
        t.root = bytes32(FIELD);
        badTerms(t);
        t.root = bytes32(FIELD - 1);
        createEnvelope(t);
        t = gatedTerms(3);
        t.shares = 0;
        badTerms(t);
        t = gatedTerms(3);
        t.amount = 0;
        badTerms(t);
        t = gatedTerms(3);
        t.expiry = uint40(block.timestamp);
        badTerms(t);
        // A Merkle root of shares may have any value.
        t = termsOf(sharesOf(3));
        t.root = bytes32(type(uint256).max);
        t.amount = 301;
        createEnvelope(t);
    }

    function exists(I.Terms memory t) private {
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExists.selector, envelopes.envelopeId(t)));
        vm.prank(alice);
        envelopes.create(t);
    }

    function test_create_usesTermsOnce() public {
        I.Share[] memory shares = sharesOf(2);
        I.Terms memory t = termsOf(shares);
        createEnvelope(t);
        exists(t);
        claimFor(t, shares, 0, bob);
        exists(t);
        claimFor(t, shares, 1, bob);
        exists(t);
        I.Terms memory gated = gatedTerms(1);
        createEnvelope(gated);
        exists(gated);
        claimGatedFor(gated, 5, bob);
        exists(gated);
        skip(LIFETIME); // whatever became of them, they have expired
        badTerms(t);
    }

    function test_create_everyTermNamesAnotherEnvelope() public view {
        I.Terms memory t = termsOf(sharesOf(3));
        bytes32 id = envelopes.envelopeId(t);
        for (uint256 field = 0; field < 7; ++field) {
            I.Terms memory u = termsOf(sharesOf(3));
            if (field == 0) u.creator = bob;
            if (field == 1) u.amount += 1;
            if (field == 2) u.shares += 1;
            if (field == 3) u.expiry += 1;
            if (field == 4) u.gated = true;
            if (field == 5) u.root = "other";
            if (field == 6) u.salt = "other";
            ok(envelopes.envelopeId(u) != id, "another name");
        }
    }

    // --- createFor ---

    function test_createFor_takesTheCreatorsTokens() public {
        I.Terms memory t = termsOf(sharesOf(3));
        uint40 deadline = uint40(block.timestamp);
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        (uint256 alices, uint256 bobs) = (token.balanceOf(alice), token.balanceOf(bob));
        vm.prank(bob);
        bytes32 id = envelopes.createFor(t, deadline, sig);
        eq(envelopes.envelope(id).left, t.amount, "left");
        eq(alices - token.balanceOf(alice), t.amount, "alice paid");
        eq(token.balanceOf(bob), bobs, "bob did not");
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExists.selector, id));
        envelopes.createFor(t, deadline, sig);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(I.SignatureExpired.selector, deadline));
        envelopes.createFor(t, deadline, sig);
    }

    function test_createFor_needsTheCreatorsSignatureOfTheseTerms() public {
        I.Terms memory t = termsOf(sharesOf(3));
        uint40 deadline = uint40(block.timestamp) + 60;
        bytes32 id = envelopes.envelopeId(t);
        bytes[4] memory sigs = [
            signature(bobKey, envelopes.createDigest(t, deadline)),
            signature(aliceKey, envelopes.createDigest(t, deadline + 1)),
            signature(aliceKey, id), // the name is no consent
            bytes("")
        ];
        for (uint256 i = 0; i < sigs.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.NotSignedByCreator.selector, id, alice));
            envelopes.createFor(t, deadline, sigs[i]);
        }
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        t.amount += 1;
        vm.expectPartialRevert(I.NotSignedByCreator.selector);
        envelopes.createFor(t, deadline, sig);
        t.creator = address(0);
        vm.expectPartialRevert(I.NotSignedByCreator.selector);
        envelopes.createFor(t, deadline, "");
        t = termsOf(sharesOf(3));
        t.root = 0;
        sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        vm.expectRevert(I.BadTerms.selector);
        envelopes.createFor(t, deadline, sig);
    }

    function test_createFor_aContractSignsByErc1271() public {
        Receiver wallet = new Receiver();
        allow(address(wallet));
        I.Terms memory t = termsOf(sharesOf(3));
        t.creator = address(wallet);
        envelopes.createFor(t, uint40(block.timestamp), "");
        eq(token.balanceOf(address(wallet)), WEALTH - t.amount, "the wallet paid");
    }

    function test_createFor_withAPermitInOneTransaction() public {
        I.Terms memory t = termsOf(sharesOf(3));
        vm.prank(alice);
        token.approve(address(envelopes), 0);
        uint40 deadline = uint40(block.timestamp);
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(envelopes), t.amount);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, t.amount, deadline, v, r, s));
        calls[1] = abi.encodeCall(I.createFor, (t, deadline, sig));
        vm.prank(mallory);
        envelopes.multicall(calls);
        eq(envelopes.envelope(envelopes.envelopeId(t)).left, t.amount, "created");
    }

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

    // --- claimGatedShare ---

    function test_claimGatedShare_paysEveryMemberAnEqualShare() public {
        I.Terms memory t = gatedTerms(3);
        bytes32 id = createEnvelope(t);
        for (uint160 i = 1; i <= 3; ++i) {
            address recipient = address(0x2000 + i);
            uint128 left = 300 - 100 * uint128(i);
            ok(!envelopes.nullifierUsed(id, i), "not yet");
            vm.expectEmit();
            emit I.GatedShareClaimed(id, recipient, i, 100, left);
            eq(claimGatedFor(t, i, recipient), 100, "paid");
            eq(token.balanceOf(recipient), 100, "received");
            ok(envelopes.nullifierUsed(id, i), "used");
            eq(envelopes.envelope(id).left, left, "left");
            eq(envelopes.envelope(id).claimed, i, "counted");
        }
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.claimGatedShare(t, bob, 4, [uint256(0), 0, 0, 0, 0, 0, 0, 0]);
    }

    function test_claimGatedShare_whenItMustRefuse() public {
        I.Terms memory t = gatedTerms(3);
        bytes32 id = createEnvelope(t);
        uint256[8] memory proof = proofOf(t, bob, 9);
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        envelopes.claimGatedShare(t, carol, 9, proof);
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        envelopes.claimGatedShare(t, bob, 10, proof);
        vm.expectRevert(abi.encodeWithSelector(I.BadRecipient.selector, address(0)));
        envelopes.claimGatedShare(t, address(0), 9, proof);
        vm.expectRevert(abi.encodeWithSelector(I.BadRecipient.selector, address(envelopes)));
        envelopes.claimGatedShare(t, address(envelopes), 9, proof);
        envelopes.claimGatedShare(t, bob, 9, proof);
        vm.expectRevert(abi.encodeWithSelector(I.NullifierUsed.selector, id, 9));
        envelopes.claimGatedShare(t, bob, 9, proof);
        proof = proofOf(t, carol, 10);
        vm.warp(t.expiry);
        vm.expectRevert(abi.encodeWithSelector(I.EnvelopeExpired.selector, id, t.expiry));
        envelopes.claimGatedShare(t, carol, 10, proof);
    }

    function test_claimGatedShare_isOnlyForEnvelopesWithAGate() public {
        I.Terms memory t = termsOf(sharesOf(2));
        bytes32 id = createEnvelope(t);
        uint256[8] memory proof = proofOf(t, bob, 9);
        vm.expectRevert(abi.encodeWithSelector(I.WrongGate.selector, id, false));
        envelopes.claimGatedShare(t, bob, 9, proof);
    }

    function test_claimGatedShare_aMemberClaimsFromEveryEnvelope() public {
        I.Terms memory first = gatedTerms(2);
        I.Terms memory second = gatedTerms(2);
        second.salt = "second";
        createEnvelope(first);
        createEnvelope(second);
        claimGatedFor(first, 9, bob);
        // The name is the scope, so in truth the nullifier would be another one, too.
        claimGatedFor(second, 9, bob);
    }

    // --- refund ---

    function test_refund_paysTheCreatorWhatIsLeft() public {
        I.Share[] memory shares = sharesOf(3);
        I.Terms memory t = termsOf(shares);
        bytes32 id = createEnvelope(t);
        claimFor(t, shares, 1, bob);
        vm.warp(t.expiry - 1);
        vm.expectRevert(abi.encodeWithSelector(I.NotExpired.selector, id, t.expiry));
        envelopes.refund(t);
        vm.warp(t.expiry);
        uint256 before = token.balanceOf(alice);
        vm.expectEmit();
        emit I.EnvelopeRefunded(id, alice, 40);
        vm.prank(mallory);
        eq(envelopes.refund(t), 40, "refunded");
        eq(token.balanceOf(alice) - before, 40, "to alice");
        eq(envelopes.envelope(id).left, 0, "nothing is left");
        eq(envelopes.envelope(id).claimed, 2, "what was claimed stays known");
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, id));
        envelopes.refund(t);
    }

    function test_refund_needsAnEnvelope() public {
        I.Terms memory t = termsOf(sharesOf(3));
        t.expiry = uint40(block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(I.NothingLeft.selector, envelopes.envelopeId(t)));
        envelopes.refund(t);
    }
}
