// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations as D} from "../../contracts/interfaces/IDelegations.sol";
import {IOperatorStaking as I} from "../../contracts/interfaces/IOperatorStaking.sol";
import {IProvisions as P} from "../../contracts/interfaces/IProvisions.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {Fixture} from "./support/Fixture.sol";

contract OperatorStakingSlashTest is Fixture {
    uint32 private id;
    address private court;

    function setUp() public override {
        super.setUp();
        (court, ) = account("court");
        id = operatorWithStake(alice, alice, alice);
        vm.prank(alice);
        staking.setAdjudicator(id, 0, court, true);
    }

    function slash(uint128 amount, uint128 reward) private returns (uint128) {
        vm.prank(court);
        return staking.slash(id, 0, amount, reward, bob);
    }

    function delegated(uint128 amount) private {
        uint32 version = staking.provision(id, 0).version;
        vm.prank(carol);
        staking.delegate(id, 0, amount, version);
    }

    function test_slash_burnsAndRewards() public {
        vm.expectEmit();
        emit I.Slashed(id, 0, court, 1_000, 0, 300, bob, MINIMUM_STAKE - 1_000);
        eq(slash(1_000, 300), 1_000, "taken");
        eq(token.balanceOf(bob), WEALTH + 300, "the reward");
        eq(token.balanceOf(BURNED), 700, "the rest is burned");
        eq(staking.provision(id, 0).tokens, MINIMUM_STAKE - 1_000, "from the provision");
        eq(staking.operator(id).staked, MINIMUM_STAKE - 1_000, "and from what counts");
    }

    function testFuzz_slash_burnsAtLeastHalf(uint128 amount, uint128 reward) public {
        amount = uint128(within(amount, 1, type(uint128).max));
        uint128 taken = slash(amount, reward);
        eq(taken, amount < MINIMUM_STAKE ? amount : MINIMUM_STAKE, "no more than there is");
        uint256 rewarded = token.balanceOf(bob) - WEALTH;
        eq(rewarded, reward < taken / 2 ? reward : taken / 2, "the reward, at most half");
        eq(token.balanceOf(BURNED), taken - rewarded, "the rest is burned");
    }

    function test_slash_takesWhatThawsFirstTheOldestOfIt() public {
        vm.startPrank(alice);
        staking.thaw(id, 0, 40);
        skip(100);
        staking.thaw(id, 0, 60);
        vm.stopPrank();
        slash(50, 0);
        P.Provision memory p = staking.provision(id, 0);
        eq(p.thawing, 50, "ten of the second thaw are gone");
        eq(staking.operator(id).staked, MINIMUM_STAKE - 100, "what counts is untouched");
        skip(STAKE_THAW - 100);
        eq(staking.withdraw(id, 0), 0, "nothing left of the first");
        skip(100);
        eq(staking.withdraw(id, 0), 50, "the rest of the second");
        slash(10, 0);
        eq(staking.operator(id).staked, MINIMUM_STAKE - 110, "then what does not thaw");
    }

    function test_slash_takesDelegatedTokensLast() public {
        delegated(1_000);
        eq(slash(MINIMUM_STAKE - 1, 0), MINIMUM_STAKE - 1, "own first");
        eq(staking.provision(id, 0).delegated, 1_000, "the pool is untouched");
        vm.expectEmit();
        emit I.Slashed(id, 0, court, 1, 99, 50, bob, 0);
        eq(slash(100, 100), 100, "then the pool");
        eq(staking.provision(id, 0).delegated, 901, "what is left of it");
        vm.expectEmit();
        emit D.PoolEmptied(id, 0, 1);
        eq(slash(5_000, 0), 901, "all that is left");
        eq(slash(5_000, 5_000), 0, "nothing more to take");
        eq(token.balanceOf(address(staking)), 0, "nothing held");
    }

    function test_slash_startsGoodStandingAnew() public {
        vm.prank(alice);
        staking.stake(id, 0, 100);
        skip(100);
        slash(50, 0);
        (, , uint40 since) = staking.incomeOf(id);
        eq(since, block.timestamp, "from now");
        skip(100);
        slash(50, 0);
        (, , since) = staking.incomeOf(id);
        eq(since, block.timestamp, "again");
        slash(1, 0);
        (, , since) = staking.incomeOf(id);
        eq(since, 0, "below the minimum: none");
        vm.prank(alice);
        staking.stake(id, 1, 1);
        (, , since) = staking.incomeOf(id);
        eq(since, block.timestamp, "made good, in whatever provision");
    }

    function test_slash_ofThawingStakeAloneStartsGoodStandingAnewToo() public {
        vm.startPrank(alice);
        staking.stake(id, 0, 100);
        staking.thaw(id, 0, 100);
        vm.stopPrank();
        skip(100);
        slash(1, 0);
        (, , uint40 since) = staking.incomeOf(id);
        eq(since, block.timestamp, "a fault is a fault");
    }

    function test_slash_refuses() public {
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(I.NotAdjudicator.selector, id, 0, mallory));
        staking.slash(id, 0, 1, 0, bob);
        vm.prank(court);
        vm.expectRevert(abi.encodeWithSelector(I.NotAdjudicator.selector, 9, 0, court));
        staking.slash(9, 0, 1, 0, bob);
        vm.expectRevert(P.ZeroAmount.selector);
        staking.slash(id, 0, 0, 0, bob);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        staking.slash(id, 0, 1, 0, address(0));
    }
}
