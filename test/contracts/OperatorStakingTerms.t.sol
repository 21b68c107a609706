// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking as I} from "../../contracts/interfaces/IOperatorStaking.sol";
import {IOperators as O} from "../../contracts/interfaces/IOperators.sol";
import {IProvisions as P} from "../../contracts/interfaces/IProvisions.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {OperatorStaking} from "../../contracts/staking/OperatorStaking.sol";
import {Fixture} from "./support/Fixture.sol";

contract OperatorStakingTermsTest is Fixture {
    uint40 private constant FOREVER = type(uint40).max;
    uint40 private constant LONG = 3 * STAKE_THAW;

    uint32 private id;
    address private court;

    function setUp() public override {
        super.setUp();
        (court, ) = account("court");
        id = operatorWithStake(alice, alice, alice);
    }

    function now40() private view returns (uint40) {
        return uint40(block.timestamp);
    }

    function setTerms(uint40 thawSeconds, uint16 cut) private {
        vm.prank(alice);
        staking.setTerms(id, 0, thawSeconds, cut);
    }

    function setCourt(bool accepted) private {
        vm.prank(alice);
        staking.setAdjudicator(id, 0, court, accepted);
    }

    function delegated(uint128 amount) private {
        uint32 version = staking.provision(id, 0).version;
        vm.prank(bob);
        staking.delegate(id, 0, amount, version);
    }

    function delay() private view returns (uint40) {
        return staking.provision(id, 0).thawSeconds;
    }

    function slashable(uint40 until) private view returns (uint128) {
        return staking.slashableUntil(id, 0, court, until);
    }

    function test_constructor_refusesParametersThatMeanNothing() public {
        vm.expectRevert(abi.encodeWithSelector(P.BadParameters.selector, 0, 1, 0));
        new OperatorStaking(token, 1, 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(P.BadParameters.selector, 3_650 days + 1, 1, 0));
        new OperatorStaking(token, 1, 3_650 days + 1, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(P.BadParameters.selector, 1, 0, 0));
        new OperatorStaking(token, 1, 1, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(P.BadParameters.selector, 1, 1, 10_001));
        new OperatorStaking(token, 1, 1, 1, 10_001);
        new OperatorStaking(token, 1, 3_650 days, 1, 10_000);
    }

    // --- setTerms ---

    function test_setTerms_anEmptyProvisionChangesAtOnce() public {
        vm.expectEmit();
        emit P.TermsSet(id, 1, LONG, 500, 0, 1);
        vm.startPrank(alice);
        staking.setTerms(id, 1, LONG, 500);
        staking.setTerms(id, 1, STAKE_THAW, 100);
        vm.stopPrank();
        P.Provision memory p = staking.provision(id, 1);
        eq(p.thawSeconds, STAKE_THAW, "delay");
        eq(p.rewardCut, 100, "cut");
        eq(p.changesAt, 0, "nothing under way");
        eq(p.version, 2, "both changes counted");
    }

    function test_setTerms_aLongerDelayHoldsForTheOwnerAtOnce() public {
        vm.expectEmit();
        emit P.TermsSet(id, 0, LONG, 0, now40() + STAKE_THAW, 1);
        setTerms(LONG, 0);
        eq(delay(), LONG, "longer at once");
        vm.prank(alice);
        staking.thaw(id, 0, 1);
        eq(staking.provision(id, 0).thawedAt, now40() + LONG, "a thaw takes it");
    }

    function test_setTerms_aShorterDelayWaitsForTheOldOne() public {
        setTerms(LONG, 0);
        skip(STAKE_THAW);
        setTerms(STAKE_THAW, 0);
        skip(LONG - 1);
        eq(delay(), LONG, "still the old one");
        eq(staking.provision(id, 0).nextThawSeconds, STAKE_THAW, "the next one is known");
        skip(1);
        eq(delay(), STAKE_THAW, "the new one");
        eq(staking.provision(id, 0).changesAt, 0, "nothing under way");
    }

    function test_setTerms_everythingOfTheDelegatorsWaitsForTheOldDelay() public {
        delegated(1_000);
        setTerms(LONG, 3_000);
        vm.prank(bob);
        staking.undelegate(id, 0, 1);
        eq(staking.delegation(id, 0, bob).thawedAt, now40() + STAKE_THAW, "undelegates by the old delay");
        addRewards(1_000);
        eq(staking.provision(id, 0).delegated, 2_000, "no cut yet");
        eq(staking.provision(id, 0).rewardCut, 0, "no cut yet");
        skip(STAKE_THAW);
        addRewards(1_000);
        eq(staking.provision(id, 0).delegated, 2_700, "30 % cut");
        vm.prank(bob);
        staking.undelegate(id, 0, 1);
        eq(staking.delegation(id, 0, bob).thawedAt, now40() + LONG, "and by the new one");
    }

    function addRewards(uint128 amount) private {
        vm.prank(carol);
        staking.addRewards(id, 0, amount);
    }

    function test_setTerms_refuses() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(O.NotOwner.selector, id, bob));
        staking.setTerms(id, 0, LONG, 0);
        vm.startPrank(alice);
        uint40 longest = 4 * STAKE_THAW;
        vm.expectRevert(abi.encodeWithSelector(P.BadThawSeconds.selector, 299, 300, longest));
        staking.setTerms(id, 0, 299, 0);
        vm.expectRevert(abi.encodeWithSelector(P.BadThawSeconds.selector, longest + 1, 300, longest));
        staking.setTerms(id, 0, longest + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(P.BadRewardCut.selector, 3_001, 3_000));
        staking.setTerms(id, 0, 300, 3_001);
        staking.setTerms(id, 0, longest, 3_000);
        uint40 ready = now40() + STAKE_THAW;
        vm.expectRevert(abi.encodeWithSelector(P.TermsChanging.selector, id, 0, ready));
        staking.setTerms(id, 0, 300, 0);
        vm.warp(ready);
        staking.setTerms(id, 0, 300, 0);
        vm.stopPrank();
    }

    // --- setAdjudicator ---

    function test_setAdjudicator_acceptsAtOnceAndDropsAfterTheDelay() public {
        vm.expectEmit();
        emit P.AdjudicatorSet(id, 0, court, now40(), FOREVER, 1);
        setCourt(true);
        uint40 end = now40() + STAKE_THAW;
        vm.expectEmit();
        emit P.AdjudicatorSet(id, 0, court, now40(), end, 2);
        setCourt(false);
        vm.warp(end - 1);
        vm.prank(court);
        eq(staking.slash(id, 0, 10, 0, bob), 10, "may slash to the last second");
        vm.warp(end);
        vm.prank(court);
        vm.expectRevert(abi.encodeWithSelector(I.NotAdjudicator.selector, id, 0, court));
        staking.slash(id, 0, 10, 0, bob);
    }

    function test_setAdjudicator_isForOneProvision() public {
        setCourt(true);
        vm.prank(alice);
        staking.stake(id, 1, 100);
        vm.prank(court);
        vm.expectRevert(abi.encodeWithSelector(I.NotAdjudicator.selector, id, 1, court));
        staking.slash(id, 1, 10, 0, bob);
    }

    function test_setAdjudicator_takesBackADrop() public {
        setCourt(true);
        setCourt(false);
        setCourt(true);
        (, uint40 until) = staking.acceptance(id, 0, court);
        eq(until, FOREVER, "accepted for good again");
    }

    function test_setAdjudicator_reachesDelegatedTokensAfterTwoDelays() public {
        delegated(1_000);
        setCourt(true);
        (uint40 from, ) = staking.acceptance(id, 0, court);
        eq(from, now40() + 2 * STAKE_THAW, "one to notice, one to leave");
        vm.warp(from - 1);
        vm.prank(court);
        eq(staking.slash(id, 0, 2 * MINIMUM_STAKE, 0, bob), MINIMUM_STAKE, "own stake only");
        vm.warp(from);
        vm.prank(court);
        eq(staking.slash(id, 0, 400, 0, bob), 400, "now the pool too");
    }

    function test_setAdjudicator_whoeverLeavesInTimeKeepsAll() public {
        delegated(1_000);
        setCourt(true);
        setTerms(LONG, 0); // a longer delay doesn't hold anybody back
        (uint40 from, ) = staking.acceptance(id, 0, court);
        skip(STAKE_THAW - 1); // noticed late
        uint128 shares = staking.delegation(id, 0, bob).shares;
        vm.prank(bob);
        staking.undelegate(id, 0, shares);
        ok(staking.delegation(id, 0, bob).thawedAt < from, "leaves before it can be slashed");
    }

    function test_setAdjudicator_refuses() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(O.NotOwner.selector, id, bob));
        staking.setAdjudicator(id, 0, court, true);
        vm.startPrank(alice);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        staking.setAdjudicator(id, 0, address(0), true);
        bytes memory unchanged = abi.encodeWithSelector(P.AdjudicatorUnchanged.selector, id, 0, court);
        vm.expectRevert(unchanged);
        staking.setAdjudicator(id, 0, court, false); // never accepted
        staking.setAdjudicator(id, 0, court, true);
        vm.expectRevert(unchanged);
        staking.setAdjudicator(id, 0, court, true);
        staking.setAdjudicator(id, 0, court, false);
        vm.expectRevert(unchanged);
        staking.setAdjudicator(id, 0, court, false); // would put the end off
        skip(STAKE_THAW);
        vm.expectRevert(unchanged);
        staking.setAdjudicator(id, 0, court, false); // has ended
        vm.stopPrank();
    }

    // --- slashableUntil ---

    function test_slashableUntil_needsAnAdjudicatorUntilThen() public {
        eq(slashable(now40() + 1), 0, "not accepted");
        setCourt(true);
        eq(slashable(now40() + STAKE_THAW), MINIMUM_STAKE, "accepted");
        eq(slashable(now40() + STAKE_THAW + 1), 0, "could have left by then");
        setCourt(false);
        uint40 end = now40() + STAKE_THAW;
        skip(10);
        eq(slashable(end), MINIMUM_STAKE, "until it is dropped");
        eq(slashable(end + 1), 0, "no longer");
        vm.warp(end);
        eq(slashable(0), 0, "dropped");
    }

    function test_slashableUntil_countsBegunThaws() public {
        setCourt(true);
        vm.startPrank(alice);
        staking.thaw(id, 0, 40);
        uint40 first = now40() + STAKE_THAW;
        skip(100);
        staking.thaw(id, 0, 60);
        vm.stopPrank();
        eq(slashable(first), MINIMUM_STAKE, "all of it before the first thaw ends");
        eq(slashable(first + 1), MINIMUM_STAKE - 40, "less what may leave then");
        eq(slashable(first + 100), MINIMUM_STAKE - 40, "so until the second");
        vm.prank(court);
        staking.slash(id, 0, 30, 0, bob); // of the first thaw, which ends first
        eq(slashable(first), MINIMUM_STAKE - 30, "what is left");
        eq(slashable(first + 1), MINIMUM_STAKE - 40, "the promise is not hurt");
        vm.prank(court);
        staking.slash(id, 0, 30, 0, bob);
        eq(slashable(first + 1), MINIMUM_STAKE - 60, "now into the second");
    }

    function test_slashableUntil_heedsAChangeOfTerms() public {
        setCourt(true);
        setTerms(LONG, 0);
        eq(slashable(now40() + LONG), MINIMUM_STAKE, "the longer delay counts at once");
        skip(STAKE_THAW);
        setTerms(STAKE_THAW, 0);
        uint40 changes = now40() + LONG;
        eq(slashable(now40() + LONG), MINIMUM_STAKE, "a thaw of now takes the old one");
        skip(100);
        eq(slashable(now40() + LONG), MINIMUM_STAKE, "also later");
        skip(LONG - 101);
        eq(slashable(changes + STAKE_THAW), MINIMUM_STAKE, "one second before the change");
        eq(slashable(changes + STAKE_THAW + 1), 0, "whoever waits one second thaws faster");
    }

    function test_slashableUntil_countsDelegatedTokensThatStay() public {
        setCourt(true); // before anybody delegated: over their tokens too
        delegated(1_000);
        eq(slashable(now40() + STAKE_THAW), MINIMUM_STAKE + 1_000, "own and delegated");
        uint128 shares = staking.delegation(id, 0, bob).shares;
        vm.prank(bob);
        staking.undelegate(id, 0, shares / 4);
        eq(slashable(now40() + STAKE_THAW), MINIMUM_STAKE + 750, "not what is being undelegated");
        setTerms(LONG, 0);
        eq(slashable(now40() + LONG), MINIMUM_STAKE, "delegators may still leave by the old delay");
    }

    /// Whatever the owner does after a promise was given, what was slashable stays so until then.
    function testFuzz_slashableUntil_isAPromise(uint256 seed) public {
        setCourt(true);
        uint40 until;
        uint128 promised;
        for (uint256 i = 0; i < 24; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            uint256 what = seed % 5;
            vm.startPrank(alice);
            P.Provision memory p = staking.provision(id, 0);
            if (what == 0 && p.tokens > p.thawing)
                staking.thaw(id, 0, uint128(within(seed >> 8, 1, p.tokens - p.thawing)));
            if (what == 1 && p.thawedAt != 0 && p.thawedAt <= block.timestamp) staking.withdraw(id, 0);
            if (what == 2 && p.changesAt == 0)
                staking.setTerms(id, 0, uint40(within(seed >> 8, STAKE_THAW, 4 * STAKE_THAW)), 0);
            if (what == 3) staking.stake(id, 0, uint128(within(seed >> 8, 1, 1e9)));
            vm.stopPrank();
            if (what == 4 && block.timestamp >= until) {
                until = now40() + uint40(within(seed >> 8, 0, 5 * STAKE_THAW));
                promised = slashable(until);
            }
            if (block.timestamp < until) {
                ok(slashable(until) >= promised, "promised <= slashable later");
                ok(staking.provision(id, 0).tokens >= promised, "promised <= what is there");
            }
            skip((seed >> 64) % 120);
        }
    }
}
