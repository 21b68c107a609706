// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRedEnvelope as I} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {BelievingVerifier, EnvelopeFixture} from "../support/EnvelopeFixture.sol";
import {Fixture} from "../support/Fixture.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Intrusion} from "../support/Intrusion.sol";

/// While RedEnvelope moves tokens, no call of it that does can be entered. Attack 21 of the list in docs/contracts.md.
contract EnvelopeReentrancyTest is EnvelopeFixture, Intrusion {
    I.Terms private t;

    function setUp() public override(EnvelopeFixture, Fixture) {
        super.setUp();
        useHooks();
        useEnvelopes(token, new BelievingVerifier());
        vm.prank(address(evil));
        token.approve(address(envelopes), type(uint256).max);
        doors = [
            I.create.selector,
            I.createFor.selector,
            I.claimShare.selector,
            I.claimGatedShare.selector,
            I.refund.selector,
            ITokenCustody.claim.selector
        ];
        t = termsOf(sharesOf(3));
        lurk(address(envelopes));
    }

    function holds(uint256 amount) private view {
        shut();
        eq(token.balanceOf(address(envelopes)), amount, "held");
    }

    function test_attack21_reentrancyOfACreator() public {
        t.creator = address(evil);
        evil.act(address(envelopes), abi.encodeCall(I.create, (t)));
        holds(60);
        lurk(address(envelopes));
        t.salt = "second";
        envelopes.createFor(t, type(uint40).max, "");
        holds(120);
        gained(-120);
    }

    function test_attack21_reentrancyOfACreatorThatIsRefunded() public {
        t.creator = address(evil);
        evil.act(address(envelopes), abi.encodeCall(I.create, (t)));
        vm.warp(t.expiry);
        lurk(address(envelopes));
        envelopes.refund(t);
        holds(0);
        gained(0);
    }

    function test_attack21_reentrancyOfARecipient() public {
        createEnvelope(t);
        claimFor(t, sharesOf(3), 0, address(evil));
        holds(50);
        gained(10);
    }

    function test_attack21_reentrancyOfARecipientOfAGroup() public {
        t = gatedTerms(3);
        createEnvelope(t);
        claimGatedFor(t, 7, address(evil));
        holds(200);
        gained(100);
    }

    function test_attack21_reentrancyOfAClaim() public {
        createEnvelope(t);
        evil.setMood(Receiver.Mood.Reverting);
        claimFor(t, sharesOf(3), 0, address(evil));
        evil.setMood(Receiver.Mood.Quiet);
        envelopes.claim(address(evil));
        holds(50);
        gained(10);
    }
}
