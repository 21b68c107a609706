// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {INativeCustody} from "../../../contracts/interfaces/INativeCustody.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {Fixture} from "../support/Fixture.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Intrusion} from "../support/Intrusion.sol";

/// While a court moves tokens or coin, or has stake slashed, no call of it that does can be entered. Attack 21 of the list in
/// docs/contracts.md.
contract CourtReentrancyTest is CourtFixture, Intrusion {
    uint128 private constant REWARD = LIABILITY / 10;

    I.Receipt private r;

    function setUp() public override(CourtFixture, Fixture) {
        super.setUp();
        useHooks();
        useCourts();
        skip(10);
        vm.prank(address(evil));
        token.approve(address(court), type(uint256).max);
        doors = [
            I.challenge.selector,
            I.challengeFor.selector,
            I.lapse.selector,
            I.answer.selector,
            I.convict.selector,
            I.convictPledgedTwice.selector,
            I.giveNotice.selector,
            I.giveNoticeFor.selector,
            ITokenCustody.claim.selector,
            INativeCustody.claimNative.selector
        ];
        r = receipt();
        r.client = address(evil);
    }

    /// @dev The intruder challenges for a bond of 1 ether, beside a bond of bob's.
    function challenged() private {
        I.Receipt memory other = receipt();
        other.slot = 1;
        challenge(other);
        bytes memory sig = signed(r);
        vm.deal(address(evil), 1 ether);
        vm.prank(address(evil));
        court.challenge{value: 1 ether}(r, sig);
        lurk(address(court));
    }

    function bondIsBack() private view {
        shut();
        eq(address(evil).balance, 1 ether, "its bond");
        eq(address(court).balance, court.bondFor(r.size), "and nobody else's");
    }

    function test_attack21_reentrancyThroughTheBondOfALapse() public {
        challenged();
        skip(WINDOW + 1);
        court.lapse(r);
        bondIsBack();
    }

    function test_attack21_reentrancyThroughAClaimedBond() public {
        challenged();
        evil.setMood(Receiver.Mood.Reverting);
        skip(WINDOW + 1);
        court.lapse(r);
        eq(court.claimableNative(address(evil)), 1 ether, "waits");
        evil.setMood(Receiver.Mood.Quiet);
        court.claimNative(address(evil));
        bondIsBack();
        eq(court.claimableNative(address(evil)), 0, "claimed once");
    }

    function test_attack21_reentrancyOfANodeThatAnswers() public {
        challenged();
        vm.prank(alice);
        staking.setKeys(id, address(evil), alice);
        toDraw();
        answer(r, court.draw(r));
        bondIsBack();
    }

    function test_attack21_reentrancyOfAClientWithAReward() public {
        challenged();
        toDraw();
        court.draw(r);
        skip(WINDOW + 1);
        court.convict(r);
        eq(evil.visits(), 2, "by the token, and by the coin");
        bondIsBack();
        gained(int256(uint256(REWARD)));
    }

    function test_attack21_reentrancyOfWhoProvesAPledgeTwice() public {
        I.Receipt memory twin = receipt();
        (bytes memory rSig, bytes memory twinSig) = (signed(r), signed(twin));
        lurk(address(court));
        court.convictPledgedTwice(r, rSig, twin, twinSig, address(evil));
        shut();
        gained(int256(2 * uint256(REWARD)));
    }

    function test_attack21_reentrancyOfAClientWithAPenalty() public {
        lurk(address(court));
        vm.prank(alice);
        court.giveNotice(r);
        shut();
        gained(int256(uint256(TEA)));
    }

    /// It is node, payer and client at once: what it pays comes back.
    function test_attack21_reentrancyOfANodeThatGivesNotice() public {
        vm.prank(alice);
        staking.setKeys(id, address(evil), alice);
        lurk(address(court));
        evil.act(address(court), abi.encodeCall(I.giveNotice, (r)));
        eq(evil.visits(), 2, "on the way in and out");
        shut();
        gained(0);
        r.slot = 1;
        lurk(address(court));
        vm.prank(mallory);
        court.giveNoticeFor(r, address(evil), type(uint40).max, "");
        shut();
        gained(int256(uint256(TEA)));
        eq(token.balanceOf(address(court)), 0, "nothing is left");
    }

    function test_attack21_reentrancyOfAClaimedPenalty() public {
        evil.setMood(Receiver.Mood.Reverting);
        vm.prank(alice);
        court.giveNotice(r);
        eq(court.claimable(address(evil)), TEA, "waits");
        evil.setMood(Receiver.Mood.Quiet);
        lurk(address(court));
        court.claim(address(evil));
        shut();
        gained(int256(uint256(TEA)));
    }

    function archiveLurks() private {
        doors = [IArchiveCourt.convictEquivocation.selector, IArchiveCourt.convictOmission.selector];
        lurk(address(archive));
    }

    function test_attack21_reentrancyOfWhoProvesAnEquivocation() public {
        uint64 hour = toNextHour();
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(hour, tens(2));
        afterHour(hour);
        archiveLurks();
        archive.convictEquivocation(one, signed(one), two, signed(two), address(evil));
        shut();
        gained(int256(uint256(REWARD)));
    }

    function test_attack21_reentrancyOfAClientOfAnOmission() public {
        uint64 hour = toNextHour();
        IArchiveCourt.MessageReceipt memory m = messageReceipt(hour, bytes32(uint256(15)));
        m.client = address(evil);
        IArchiveCourt.ArchiveRoot memory root = archiveRoot(hour, tens(2));
        afterHour(hour);
        archiveLurks();
        archive.convictOmission(m, signed(m), root, signed(root), absenceAt(tens(2), 1));
        shut();
        gained(int256(uint256(REWARD)));
    }
}
