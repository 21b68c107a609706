// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperators as O} from "../../../contracts/interfaces/IOperators.sol";
import {Holdings} from "../../../contracts/libraries/Holdings.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {StakingFixture} from "../support/StakingFixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract StakingAttacksTest is StakingFixture {
    // --- 11: slash while thawing or withdrawing ---

    function test_attack11_slashWhileThawing() public {
        vm.startPrank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE / 2);
        skip(10);
        staking.thaw(id, 0, MINIMUM_STAKE / 2);
        vm.stopPrank();
        skip(STAKE_THAW - 11);
        eq(staking.slash(id, 0, MINIMUM_STAKE, 0, bob), MINIMUM_STAKE, "all of it, a second before");
        skip(100);
        vm.expectRevert(abi.encodeWithSelector(Holdings.NothingThawed.selector, 0));
        staking.withdraw(id, 0);
    }

    function test_attack11_slashOfWhatHasThawedButNotLeft() public {
        vm.prank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        skip(STAKE_THAW + 1_000);
        staking.slash(id, 0, MINIMUM_STAKE - 1, 0, bob);
        eq(staking.withdraw(id, 0), 1, "what is left");
    }

    // --- 15: nobody gains by slashing itself ---

    function test_attack15_selfSlashToSkipAThawCostsHalf() public {
        vm.startPrank(mallory);
        staking.setAdjudicator(id, 0, mallory, true);
        uint256 before = token.balanceOf(mallory);
        staking.slash(id, 0, MINIMUM_STAKE, MINIMUM_STAKE, mallory);
        vm.stopPrank();
        eq(token.balanceOf(mallory) - before, MINIMUM_STAKE / 2, "half is gone for good");
        eq(token.balanceOf(BURNED), MINIMUM_STAKE / 2, "burned");
    }

    function test_attack15_aShorterDelayOrADroppedCourtDoesNotSkipAThaw() public {
        vm.startPrank(mallory);
        staking.setTerms(id, 0, 4 * STAKE_THAW, 0);
        skip(STAKE_THAW);
        staking.setTerms(id, 0, STAKE_THAW, 0);
        staking.setAdjudicator(id, 0, address(this), false);
        staking.thaw(id, 0, MINIMUM_STAKE);
        vm.stopPrank();
        skip(4 * STAKE_THAW - 1);
        vm.expectPartialRevert(Holdings.NothingThawed.selector);
        staking.withdraw(id, 0);
        eq(staking.slash(id, 0, 1, 0, bob), 1, "and the court is there to the end");
    }

    /// An operator that lets its own court loose on those who delegated gains nothing from who leaves in time.
    function test_attack15_anOperatorsOwnCourtCannotSurpriseDelegators() public {
        delegate(alice, 1_000 * TEA);
        vm.startPrank(mallory);
        staking.setAdjudicator(id, 0, mallory, true);
        staking.setTerms(id, 0, 4 * STAKE_THAW, 3_000);
        staking.slash(id, 0, type(uint128).max, type(uint128).max, mallory);
        vm.stopPrank();
        eq(staking.delegation(id, 0, alice).value, 1_000 * TEA, "not touched");
        exit(alice);
        eq(token.balanceOf(alice), WEALTH, "all back");
    }

    // --- 22: overflow and narrowing ---

    function test_attack22_stakeThatDoesNotFitIsRefused() public {
        uint128 most = type(uint88).max;
        LocalToken(address(token)).mint(bob, most);
        vm.startPrank(bob);
        staking.stake(id, 0, most - MINIMUM_STAKE);
        vm.expectRevert(abi.encodeWithSelector(O.StakeTooLarge.selector, id, uint256(most) + 1));
        staking.stake(id, 1, 1);
        vm.stopPrank();
        skip(10_000 days);
        (, uint128 credit, ) = staking.incomeOf(id);
        eq(credit, most / 4, "the credit of the largest stake, after long");
        vm.prank(mallory);
        staking.thaw(id, 0, most);
    }

    function test_attack22_delegationThatDoesNotFitIsRefused() public {
        LocalToken(address(token)).mint(bob, type(uint128).max);
        uint128 most = uint128(type(uint120).max / 1e6);
        delegate(bob, most);
        uint32 version = staking.provision(id, 0).version;
        vm.startPrank(bob);
        vm.expectPartialRevert(Holdings.HoldingTooLarge.selector);
        staking.delegate(id, 0, 1e6, version);
        vm.stopPrank();
        vm.prank(alice); // another delegator still can
        staking.delegate(id, 0, 1_000, version);
        exit(bob);
    }

    function test_attack22_rewardsThatDoNotFitAreRefused() public {
        delegate(bob, 1_000);
        LocalToken(address(token)).mint(bob, type(uint128).max);
        vm.startPrank(bob);
        staking.addRewards(id, 0, type(uint128).max - 1_000);
        uint256 words = (1 << 128) | (1_000 * 1e6); // tokens and shares
        vm.expectRevert(abi.encodeWithSelector(Holdings.HoldingTooLarge.selector, words));
        staking.addRewards(id, 0, 1);
        vm.stopPrank();
    }

    /// After the year 36812 nothing works any more, but no time wraps around before.
    function test_attack22_timesFitForLong() public {
        vm.warp(30_000 * 365 days);
        vm.startPrank(mallory);
        staking.stake(id, 0, 100);
        staking.thaw(id, 0, 100);
        eq(staking.provision(id, 0).thawedAt, block.timestamp + STAKE_THAW, "no wrap");
        vm.stopPrank();
        (, , uint40 since) = staking.incomeOf(operatorWithStake(alice, alice, alice));
        eq(since, block.timestamp, "nor of a good standing");
    }

    // --- 24: nothing grows without bound ---

    function test_attack24_aFullRingOfThawsIsCheapToSlashAndWithdraw() public {
        vm.prank(mallory);
        staking.stake(id, 0, 1_000);
        for (uint256 i = 0; i < 16; ++i) {
            vm.prank(mallory);
            staking.thaw(id, 0, 10);
        }
        uint256 gas = gasleft();
        staking.slash(id, 0, 155, 0, bob);
        ok(gas - gasleft() < 200_000, "slash < 200,000 gas");
        skip(STAKE_THAW);
        gas = gasleft();
        eq(staking.withdraw(id, 0), 5, "what is left of sixteen thaws");
        ok(gas - gasleft() < 200_000, "withdraw < 200,000 gas");
    }

    // --- 25: no exit is blocked ---

    function test_attack25_delegatorsLeaveWhateverTheOperatorDoes() public {
        delegate(alice, 1_000);
        vm.startPrank(mallory);
        staking.thaw(id, 0, MINIMUM_STAKE);
        skip(STAKE_THAW);
        staking.withdraw(id, 0);
        staking.setTerms(id, 0, 4 * STAKE_THAW, 3_000);
        staking.setKeys(id, bob, bob);
        vm.stopPrank();
        exit(alice);
        eq(token.balanceOf(alice), WEALTH, "by the delay that she agreed to");
    }
}
