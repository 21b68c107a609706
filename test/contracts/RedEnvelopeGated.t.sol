// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRedEnvelope as I} from "../../contracts/interfaces/IRedEnvelope.sol";
import {EnvelopeFixture} from "./support/EnvelopeFixture.sol";

/// Shares that the members of a group claim. Tree: RedEnvelope.tree.
contract RedEnvelopeGatedTest is EnvelopeFixture {
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
}
