// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations as D} from "../../contracts/interfaces/IDelegations.sol";
import {IOperatorStaking as I} from "../../contracts/interfaces/IOperatorStaking.sol";
import {Fixture} from "./support/Fixture.sol";

/// What an indexer reads of a provision that is not the operator's first, and sums of several steps.
contract OperatorStakingDelegationEdgesTest is Fixture {
    uint128 private constant SHARES = 1e6; // of one unit, in a new pool
    uint32 private constant SERVICE = 2;
    uint32 private id;
    address private payee;

    function setUp() public override {
        super.setUp();
        (payee, ) = account("payee");
        id = operatorWithStake(alice, alice, payee);
        vm.startPrank(alice);
        staking.setAdjudicator(id, SERVICE, address(this), true);
        staking.setTerms(id, SERVICE, STAKE_THAW, 1_000);
        vm.stopPrank();
    }

    function delegate(address who, uint128 amount) private {
        vm.prank(who);
        staking.delegate(id, SERVICE, amount, 2);
    }

    function undelegate(address who, uint128 shares) private {
        vm.prank(who);
        staking.undelegate(id, SERVICE, shares);
    }

    function slashable() private view returns (uint128) {
        return staking.slashableUntil(id, SERVICE, address(this), uint40(block.timestamp));
    }

    function test_delegate_tellsTheProvisionAndItsPool() public {
        delegate(carol, 500);
        vm.expectEmit();
        emit D.Delegated(id, SERVICE, bob, 1_000, 1_000 * SHARES, 1_500, 1_500 * SHARES);
        delegate(bob, 1_000);
    }

    function test_undelegate_tellsWhatThawsInAll() public {
        delegate(bob, 1_000);
        undelegate(bob, 400 * SHARES);
        uint40 ready = uint40(block.timestamp) + STAKE_THAW;
        vm.expectEmit();
        emit D.Undelegating(id, SERVICE, bob, 100 * SHARES, 500 * SHARES, ready);
        undelegate(bob, 100 * SHARES);
    }

    function test_withdrawDelegation_leavesTheOthersTheirs() public {
        delegate(bob, 1_000);
        delegate(carol, 500);
        undelegate(bob, 400 * SHARES);
        undelegate(carol, 200 * SHARES);
        eq(slashable(), 900, "but what thaws");
        skip(STAKE_THAW);
        vm.expectEmit();
        emit D.DelegationWithdrawn(id, SERVICE, bob, 400 * SHARES, 400, 1_100, 1_100 * SHARES);
        staking.withdrawDelegation(id, SERVICE, bob);
        eq(slashable(), 900, "as before: carol's thaw goes on");
        staking.withdrawDelegation(id, SERVICE, carol);
        eq(slashable(), 900, "nothing thaws");
        eq(staking.delegation(id, SERVICE, bob).value, 600, "bob's");
        eq(staking.delegation(id, SERVICE, carol).value, 300, "carol's");
    }

    function test_addRewards_takesTheCutToTheUnit() public {
        delegate(bob, 1_000);
        vm.expectEmit();
        emit D.RewardsAdded(id, SERVICE, carol, 100_009, 10_000, payee, 91_009);
        vm.prank(carol);
        staking.addRewards(id, SERVICE, 100_009);
    }

    // --- terms ---

    function test_setTerms_waitsWhereOnlyOthersHaveTokens() public {
        delegate(bob, 1_000);
        uint40 end = uint40(block.timestamp) + STAKE_THAW;
        vm.prank(alice);
        staking.setTerms(id, SERVICE, STAKE_THAW, 2_000);
        eq(staking.provision(id, SERVICE).changesAt, end, "one delay away");
        eq(staking.provision(id, SERVICE).rewardCut, 1_000, "as before");
        eq(staking.provision(id, SERVICE).nextRewardCut, 2_000, "then");
        eq(staking.provision(id, SERVICE).delegatedShares, 1_000 * SHARES, "shares");
    }

    /// An adjudicator that is dropped and taken back in time reaches what it did; one that was gone for a second does not.
    function test_setAdjudicator_reachesDelegatedTokensAnewOnceItWasGone() public {
        delegate(bob, 1_000);
        (uint40 from, ) = staking.acceptance(id, SERVICE, address(this));
        setThisCourt(false);
        uint40 end = uint40(block.timestamp) + STAKE_THAW;
        vm.warp(end - 1);
        setThisCourt(true);
        (uint40 still, ) = staking.acceptance(id, SERVICE, address(this));
        eq(still, from, "taken back in time");
        setThisCourt(false);
        skip(STAKE_THAW);
        setThisCourt(true);
        (uint40 anew, ) = staking.acceptance(id, SERVICE, address(this));
        eq(anew, block.timestamp + 2 * STAKE_THAW, "anew");
    }

    function setThisCourt(bool accepted) private {
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, address(this), accepted);
    }

    // --- slash ---

    function test_slash_mayTakeOneDelegatedUnit() public {
        delegate(bob, 1_000);
        vm.expectEmit();
        emit I.Slashed(id, SERVICE, address(this), 0, 1, 0, mallory, MINIMUM_STAKE);
        eq(staking.slash(id, SERVICE, 1, 0, mallory), 1, "taken");
        eq(staking.provision(id, SERVICE).delegated, 999, "the rest");
    }

    function test_slash_thatTakesAllStartsThePoolAnewWithoutThaws() public {
        delegate(bob, 1_000);
        undelegate(bob, 500 * SHARES);
        vm.expectEmit();
        emit D.PoolEmptied(id, SERVICE, 1);
        staking.slash(id, SERVICE, 1_000, 0, mallory);
        delegate(carol, 1_000);
        eq(slashable(), 1_000, "nothing of the new pool thaws");
    }

    function test_slash_ofNothingEmptiesNoPool() public {
        vm.recordLogs();
        eq(staking.slash(id, SERVICE, 10, 0, mallory), 0, "nothing there");
        eq(vm.getRecordedLogs().length, 1, "Slashed alone");
    }

    function test_slashableUntil_leavesOutDelegatedTokensThatCantBeSlashedYet() public {
        delegate(bob, 1_000);
        vm.prank(alice);
        staking.setAdjudicator(id, SERVICE, carol, true);
        eq(staking.slashableUntil(id, SERVICE, carol, uint40(block.timestamp)), 0, "not yet");
        skip(2 * STAKE_THAW);
        eq(staking.slashableUntil(id, SERVICE, carol, uint40(block.timestamp)), 1_000, "now");
    }
}
