// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IRedEnvelope as I} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {BelievingVerifier, EnvelopeFixture} from "../support/EnvelopeFixture.sol";
import {
    DenyToken,
    FeeToken,
    HookToken,
    Receiver,
    RoundingToken,
    SilentToken
} from "../support/HostileTokens.sol";

/// Envelopes of tokens and for recipients that do not behave. Numbered like the list of attacks in docs/contracts.md.
contract EnvelopeTokenAttacksTest is EnvelopeFixture {
    I.Share[] private shares;
    I.Terms private t;

    function use(LocalToken hostile) private {
        useEnvelopes(hostile, new BelievingVerifier());
        delete shares;
        I.Share[] memory three = sharesOf(3);
        for (uint256 i = 0; i < three.length; ++i) shares.push(three[i]);
        t = termsOf(three);
    }

    function test_attack08_deniedRecipientAndCreator() public {
        for (uint256 manner = 0; manner < 3; ++manner) {
            use(new DenyToken());
            DenyToken deny = DenyToken(address(token));
            createEnvelope(t);
            deny.deny(bob, true, DenyToken.Manner(manner));
            deny.deny(alice, true, DenyToken.Manner(manner));
            claimFor(t, shares, 1, bob);
            claimFor(t, shares, 0, carol);
            eq(envelopes.claimable(bob), 20, "waits for bob");
            eq(token.balanceOf(carol), WEALTH + 10, "nobody else is held up");
            vm.warp(t.expiry);
            envelopes.refund(t);
            eq(envelopes.claimable(alice), 30, "the rest waits for alice");
            deny.deny(bob, false, DenyToken.Manner.Revert);
            deny.deny(alice, false, DenyToken.Manner.Revert);
            envelopes.claim(bob);
            envelopes.claim(alice);
            eq(token.balanceOf(bob), WEALTH + 20, "bob is paid in the end");
            eq(token.balanceOf(address(envelopes)), 0, "nothing stays");
        }
    }

    function test_attack08_recipientWhoseHookRevertsOrBurnsGas() public {
        use(new HookToken());
        Receiver evil = new Receiver();
        HookToken(address(token)).hook(address(evil));
        createEnvelope(t);
        evil.setMood(Receiver.Mood.Reverting);
        claimFor(t, shares, 0, address(evil));
        evil.setMood(Receiver.Mood.Burning);
        uint256 gas = gasleft();
        claimFor(t, shares, 1, address(evil));
        ok(gas - gasleft() < 400_000, "what it burns is bounded");
        eq(envelopes.claimable(address(evil)), 30, "waits");
        evil.setMood(Receiver.Mood.Quiet);
        envelopes.claim(address(evil));
        eq(token.balanceOf(address(evil)), 30, "paid in the end");
    }

    function test_attack21_feeOnTransferAndRoundingAreRefused() public {
        for (uint256 i = 0; i < 2; ++i) {
            use(i == 0 ? LocalToken(new FeeToken()) : LocalToken(new RoundingToken()));
            t.amount = 1_000;
            vm.expectRevert(
                abi.encodeWithSelector(ITokenCustody.InexactTransfer.selector, 1_000, i == 0 ? 990 : 999)
            );
            vm.prank(alice);
            envelopes.create(t);
        }
    }

    function test_attack21_tokenWithoutAnswersWorks() public {
        use(new SilentToken());
        createEnvelope(t);
        claimFor(t, shares, 2, bob);
        vm.warp(t.expiry);
        envelopes.refund(t);
        eq(token.balanceOf(bob), WEALTH + 30, "bob's share");
        eq(token.balanceOf(alice), WEALTH - 30, "alice's refund");
    }

    function test_attack21_forcedEtherAndTokensChangeNothing() public {
        use(new LocalToken());
        bytes32 id = createEnvelope(t);
        vm.deal(address(this), 1 ether);
        (bool sent, ) = address(envelopes).call{value: 1}("");
        ok(!sent, "no way in for ether");
        vm.deal(address(envelopes), 1 ether);
        LocalToken(address(token)).mint(address(envelopes), 1_000);
        eq(envelopes.envelope(id).left, t.amount, "nobody's");
        vm.warp(t.expiry);
        eq(envelopes.refund(t), t.amount, "no more than was put in");
    }

    /// While it is paid, a recipient claims again, claims another share, and asks for the refund: all refused.
    function test_attack21_reentrancyOnTheWayOut() public {
        use(new HookToken());
        Receiver evil = new Receiver();
        HookToken(address(token)).hook(address(evil));
        bytes32 id = createEnvelope(t);
        bytes[3] memory calls = [
            abi.encodeCall(
                I.claimShare,
                (t, shares[0], pathOf(shares, 0), address(evil), signClaim(0, id, address(evil)))
            ),
            abi.encodeCall(
                I.claimShare,
                (t, shares[2], pathOf(shares, 2), address(evil), signClaim(2, id, address(evil)))
            ),
            abi.encodeCall(I.refund, (t))
        ];
        for (uint256 i = 0; i < 3; ++i) {
            evil.reenter(address(envelopes), calls[i]);
            if (i < 2) claimFor(t, shares, i, address(evil));
            else {
                vm.warp(t.expiry);
                HookToken(address(token)).hook(alice);
                vm.etch(alice, address(evil).code);
                Receiver(alice).reenter(address(envelopes), calls[2]);
                envelopes.refund(t);
                evil = Receiver(alice);
            }
            refused(evil);
        }
        eq(token.balanceOf(address(envelopes)), 0, "paid out once");
    }

    /// A creator that creates again while its tokens are being taken would be counted twice by balance difference.
    function test_attack21_reentrancyOnTheWayIn() public {
        use(new HookToken());
        Receiver evil = new Receiver();
        HookToken(address(token)).hook(address(evil));
        allow(address(evil));
        t.creator = address(evil);
        I.Terms memory second = t;
        second.salt = "second";
        evil.reenter(address(envelopes), abi.encodeCall(I.create, (second)));
        evil.act(address(envelopes), abi.encodeCall(I.create, (t)));
        refused(evil);
        eq(token.balanceOf(address(envelopes)), t.amount, "held once");
    }

    function refused(Receiver evil) private view {
        ok(!evil.reentered(), "the call back did not succeed");
        eq(
            bytes32(bytes4(evil.refusal())),
            bytes32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "refused by the guard"
        );
    }
}
