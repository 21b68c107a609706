// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "../support/CourtFixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract CourtAttacksTest is CourtFixture {
    // --- 11: slashed while thawing ---

    function test_attack11_whatThawsIsSlashed() public {
        I.Receipt memory r = receipt();
        ok(court.isCovered(r), "as its client checked");
        vm.prank(alice);
        staking.thaw(id, SERVICE, STAKE); // in the block in which the receipt was given
        vm.warp(r.until - 1); // the last moment to ask
        challenge(r);
        skip(WINDOW); // the last moment to draw
        vm.roll(block.number + 3);
        court.draw(r);
        skip(WINDOW + 1); // the first moment to convict
        eq(court.convict(r), LIABILITY, "still there");
        skip(STAKE_THAW);
        staking.withdraw(id, SERVICE);
        eq(token.balanceOf(alice), WEALTH - LIABILITY, "the rest leaves");
    }

    function test_attack11_droppingTheCourtComesTooLate() public {
        I.Receipt memory r = receipt();
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, address(court), false);
        vm.warp(r.until - 1);
        challengeInVain(r);
        eq(court.convict(r), LIABILITY, "still accepted");
        I.Receipt memory next = receipt();
        (next.slot, next.until) = (1, next.from + 150);
        ok(!court.isCovered(next), "but no new receipt is covered");
    }

    function test_attack11_thawedAndNotYetWithdrawnIsSlashed() public {
        I.Receipt memory r = receipt();
        vm.prank(alice);
        staking.thaw(id, SERVICE, STAKE);
        vm.warp(r.until - 1);
        challengeInVain(r);
        skip(STAKE_THAW);
        eq(court.convict(r), LIABILITY, "what nobody withdrew is there");
    }

    // --- 15: challenging oneself to skip a thaw ---

    function test_attack15_challengingOneselfPaysATenth() public {
        I.Receipt memory r = receipt();
        (r.client, r.liability) = (alice, STAKE);
        challengeInVain(r);
        court.convict(r);
        eq(token.balanceOf(alice), WEALTH - STAKE + STAKE / 10, "nine tenths are burned");
        eq(alice.balance, 100 ether, "the bond is her own");
    }

    function test_attack15_anOperatorGainsNothingFromItsDelegatorsStake() public {
        uint32 small = provisioned(mallory, mallory, TEA);
        vm.startPrank(bob);
        token.approve(address(staking), type(uint256).max);
        staking.delegate(small, SERVICE, 99 * TEA, staking.provision(small, SERVICE).version);
        vm.stopPrank();
        I.Receipt memory r = receipt();
        (r.operator, r.client, r.liability) = (small, mallory, 100 * TEA);
        bytes memory sig = signature(malloryKey, court.receiptDigest(r));
        vm.prank(mallory);
        court.challenge{value: 1 ether}(r, sig);
        toDraw();
        court.draw(r);
        skip(WINDOW + 1);
        eq(court.convict(r), 100 * TEA, "her delegators' stake is taken too");
        eq(token.balanceOf(mallory), WEALTH - TEA + TEA / 10, "a tenth of her own is all she gets");
    }

    function test_attack15_equivocatingOneselfPaysATenth() public {
        uint64 hour = toNextHour();
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(hour, tens(2));
        (one.liability, two.liability) = (STAKE, STAKE);
        afterHour(hour);
        archive.convictEquivocation(one, signed(one), two, signed(two), alice);
        eq(token.balanceOf(alice), WEALTH - STAKE + STAKE / 10, "nine tenths are burned");
    }

    // --- 22: overflow and narrowing ---

    function test_attack22_extremesOfAReceipt() public {
        I.Receipt memory r = receipt();
        (r.size, r.liability, r.slot) = (type(uint64).max, type(uint128).max, type(uint32).max);
        challengeInVain(r);
        ok(!court.isCovered(r), "covered by nothing");
        I.Receipt memory s = receipt();
        (s.size, s.liability, s.slot) = (1, type(uint128).max, type(uint32).max - 1);
        (s.from, s.until) = (r.from, r.until);
        (bytes memory rSig, bytes memory sSig) = (signed(r), signed(s));
        vm.expectPartialRevert(I.NotPledgedTwice.selector);
        court.convictPledgedTwice(r, rSig, s, sSig, mallory);
        eq(court.convict(r), STAKE, "saturates at the stake");
        vm.deal(bob, type(uint256).max / 2);
        vm.prank(bob);
        vm.expectRevert();
        court.challenge{value: uint256(type(uint96).max) + 1}(s, sSig);
    }

    function test_attack22_anHourBeyondAllTimes() public {
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(type(uint64).max, tens(1));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(type(uint64).max, tens(2));
        (bytes memory a, bytes memory b) = (signed(one), signed(two));
        vm.expectRevert(
            abi.encodeWithSelector(
                IArchiveCourt.HourNotOver.selector,
                type(uint64).max,
                (uint256(type(uint64).max) + 1) * 3_600
            )
        );
        archive.convictEquivocation(one, a, two, b, mallory);
    }
}
