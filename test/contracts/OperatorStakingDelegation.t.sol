// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations as D} from "../../contracts/interfaces/IDelegations.sol";
import {IOperators as O} from "../../contracts/interfaces/IOperators.sol";
import {IProvisions as P} from "../../contracts/interfaces/IProvisions.sol";
import {Holdings} from "../../contracts/libraries/Holdings.sol";
import {Fixture} from "./support/Fixture.sol";

contract OperatorStakingDelegationTest is Fixture {
    uint128 private constant SHARES = 1e6; // of one unit, in a new pool
    uint32 private id;
    address private payee;

    function setUp() public override {
        super.setUp();
        (payee, ) = account("payee");
        id = operatorWithStake(alice, alice, payee);
        vm.startPrank(alice);
        staking.setAdjudicator(id, 0, address(this), true);
        staking.setTerms(id, 1, STAKE_THAW, 1_000);
        vm.stopPrank();
    }

    function delegate(address who, uint32 service, uint128 amount) private returns (uint128) {
        uint32 version = staking.provision(id, service).version;
        vm.prank(who);
        return staking.delegate(id, service, amount, version);
    }

    function undelegateAll(address who, uint32 service) private {
        uint128 shares = staking.delegation(id, service, who).shares;
        vm.prank(who);
        staking.undelegate(id, service, shares);
    }

    function value(address who, uint32 service) private view returns (uint128) {
        return staking.delegation(id, service, who).value;
    }

    function test_delegate_buysSharesAtTheirPrice() public {
        vm.expectEmit();
        emit D.Delegated(id, 0, bob, 1_000, 1_000 * SHARES, 1_000, 1_000 * SHARES);
        eq(delegate(bob, 0, 1_000), 1_000 * SHARES, "the first shares");
        eq(value(bob, 0), 1_000, "worth what was paid");
        vm.prank(alice);
        staking.addRewards(id, 0, 1_001); // doubles the price
        eq(delegate(carol, 0, 1_000), 500 * SHARES, "half as many");
        eq(value(carol, 0), 1_000, "worth what was paid");
        eq(token.balanceOf(address(staking)), MINIMUM_STAKE + 3_001, "held");
        eq(staking.operator(id).staked, MINIMUM_STAKE, "does not count as own stake");
    }

    function test_delegate_refuses() public {
        uint32 version = staking.provision(id, 0).version;
        vm.startPrank(bob);
        vm.expectRevert(P.ZeroAmount.selector);
        staking.delegate(id, 0, 0, version);
        vm.expectRevert(abi.encodeWithSelector(O.UnknownOperator.selector, 9));
        staking.delegate(9, 0, 1, 0);
        vm.expectRevert(abi.encodeWithSelector(D.TermsChanged.selector, id, 0, version + 1, version));
        staking.delegate(id, 0, 1, version + 1);
        staking.delegate(id, 0, 1, version);
        staking.addRewards(id, 0, 1e14); // far beyond what one share may cost
        vm.expectRevert(abi.encodeWithSelector(D.NoShares.selector, 1));
        staking.delegate(id, 0, 1, version);
        vm.stopPrank();
    }

    function test_delegate_holdsOnlyUnderTheTermsThatWereAgreed() public {
        uint32 version = staking.provision(id, 0).version;
        vm.prank(alice);
        staking.setAdjudicator(id, 0, alice, true); // just before bob's transaction
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(D.TermsChanged.selector, id, 0, version, version + 1));
        staking.delegate(id, 0, 1_000, version);
    }

    function test_undelegate_thawsShares() public {
        delegate(bob, 0, 1_000);
        uint40 ready = uint40(block.timestamp) + STAKE_THAW;
        vm.expectEmit();
        emit D.Undelegating(id, 0, bob, 400 * SHARES, 400 * SHARES, ready);
        vm.startPrank(bob);
        staking.undelegate(id, 0, 400 * SHARES);
        uint128 left = 600 * SHARES;
        vm.expectRevert(abi.encodeWithSelector(D.InsufficientShares.selector, bob, left + 1, left));
        staking.undelegate(id, 0, left + 1);
        vm.expectRevert(P.ZeroAmount.selector);
        staking.undelegate(id, 0, 0);
        vm.stopPrank();
        D.Delegation memory d = staking.delegation(id, 0, bob);
        eq(d.shares, 1_000 * SHARES, "all shares");
        eq(d.thawing, 400 * SHARES, "what thaws");
        eq(d.thawedAt, ready, "until when");
        eq(d.value, 1_000, "still worth it");
    }

    function test_withdrawDelegation_paysTheDelegatorWhoeverCalls() public {
        delegate(bob, 0, 1_000);
        undelegateAll(bob, 0);
        uint40 ready = uint40(block.timestamp) + STAKE_THAW;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(Holdings.NothingThawed.selector, ready));
        staking.withdrawDelegation(id, 0, bob);
        vm.warp(ready);
        vm.expectEmit();
        emit D.DelegationWithdrawn(id, 0, bob, 1_000 * SHARES, 1_000, 0, 0);
        vm.prank(mallory);
        eq(staking.withdrawDelegation(id, 0, bob), 1_000, "all of it");
        eq(token.balanceOf(bob), WEALTH, "back");
        vm.expectRevert(abi.encodeWithSelector(Holdings.NothingThawed.selector, 0));
        staking.withdrawDelegation(id, 0, bob);
    }

    function test_withdrawDelegation_whatThawsIsSlashedWithTheRest() public {
        delegate(bob, 0, 1_000);
        delegate(carol, 0, 1_000);
        undelegateAll(bob, 0);
        staking.slash(id, 0, MINIMUM_STAKE + 1_000, 0, mallory);
        skip(STAKE_THAW);
        staking.withdrawDelegation(id, 0, bob);
        eq(token.balanceOf(bob), WEALTH - 500, "half is lost");
        eq(value(carol, 0), 500, "for carol too");
    }

    function test_addRewards_lessTheCutOfThePayee() public {
        delegate(bob, 1, 1_000);
        vm.expectEmit();
        emit D.RewardsAdded(id, 1, carol, 1_000, 100, payee, 1_900);
        vm.prank(carol);
        staking.addRewards(id, 1, 1_000);
        eq(token.balanceOf(payee), 100, "10 %");
        eq(value(bob, 1), 1_899, "the rest, less nobody's share, rounded down");
    }

    function test_addRewards_refuses() public {
        vm.expectRevert(abi.encodeWithSelector(D.NothingDelegated.selector, id, 0));
        staking.addRewards(id, 0, 1);
        delegate(bob, 0, 1_000);
        vm.expectRevert(P.ZeroAmount.selector);
        staking.addRewards(id, 0, 0);
    }

    function test_delegations_ofTwoProvisionsAreApart() public {
        delegate(bob, 0, 1_000);
        delegate(bob, 1, 500);
        staking.slash(id, 0, MINIMUM_STAKE + 1_000, 0, mallory);
        eq(value(bob, 0), 0, "lost there");
        eq(value(bob, 1), 500, "not here");
    }

    /// What goes in comes out again, up to one unit, whatever the price of a share.
    function testFuzz_delegate_losesAtMostAUnitToRounding(
        uint128 pool,
        uint128 reward,
        uint128 amount
    ) public {
        pool = uint128(within(pool, 1, WEALTH / 4));
        reward = uint128(within(reward, 1, WEALTH / 4));
        delegate(carol, 0, pool);
        vm.prank(carol);
        staking.addRewards(id, 0, reward);
        // the worth of a share, rounded up
        uint128 unit = uint128((uint256(pool) + reward + 1) / (uint256(pool + 1) * SHARES)) + 1;
        amount = uint128(within(amount, unit, WEALTH));
        delegate(bob, 0, amount);
        ok(value(bob, 0) <= amount, "no gain");
        ok(uint256(value(bob, 0)) + unit + 1 >= amount, "no loss but of a share's worth");
        ok(value(bob, 0) + value(carol, 0) <= staking.provision(id, 0).delegated, "the pool covers both");
    }
}
