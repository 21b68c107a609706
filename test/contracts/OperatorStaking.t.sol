// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperators as O} from "../../contracts/interfaces/IOperators.sol";
import {IProvisions as P} from "../../contracts/interfaces/IProvisions.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {Holdings} from "../../contracts/libraries/Holdings.sol";
import {Fixture} from "./support/Fixture.sol";

contract OperatorStakingTest is Fixture {
    uint32 private id;
    address private node;
    address private payee;

    function setUp() public override {
        super.setUp();
        (node, ) = account("node");
        (payee, ) = account("payee");
        vm.prank(alice);
        id = staking.createOperator(node, payee, address(registry));
    }

    function stake(uint32 service, uint128 amount) private {
        vm.prank(alice);
        staking.stake(id, service, amount);
    }

    // --- keys ---

    function test_createOperator_countsFromOneAndBindsTheNode() public {
        eq(id, 1, "first id");
        eq(staking.operatorOf(node), 1, "bound");
        eq(staking.payeeOf(1), payee, "payee");
        eq(staking.operator(1).owner, alice, "owner");
        eq(staking.operator(1).feeRegistry, address(registry), "fee registry");
        vm.expectEmit();
        emit O.NodeBound(carol, 2);
        vm.expectEmit();
        emit O.OperatorCreated(2, bob, carol, bob, address(0));
        vm.prank(bob);
        eq(staking.createOperator(carol, bob, address(0)), 2, "second id");
        eq(staking.operatorCount(), 2, "count");
    }

    function test_createOperator_refusesZeroKeys() public {
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        staking.createOperator(address(0), payee, address(0));
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        staking.createOperator(node, address(0), address(0));
    }

    function test_setKeys_rotatesWithoutLosingStakeOrRecord() public {
        stake(0, MINIMUM_STAKE);
        skip(100);
        (, uint128 credit, uint40 since) = staking.incomeOf(id);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(O.NotOwner.selector, id, bob));
        staking.setKeys(id, bob, bob);
        vm.expectEmit();
        emit O.KeysSet(id, carol, bob);
        vm.prank(alice);
        staking.setKeys(id, carol, bob);
        eq(staking.operatorOf(node), 0, "the old node is free");
        eq(staking.operatorOf(carol), id, "the new one is bound");
        eq(staking.operator(id).staked, MINIMUM_STAKE, "stake stays");
        (address to, uint128 still, uint40 same) = staking.incomeOf(id);
        eq(to, bob, "income goes to the new payee");
        eq(still, credit, "credit stays");
        eq(same, since, "good standing stays");
    }

    function test_nodeKeySpan_isWhenAKeyWasTheNodes() public {
        uint40 start = uint40(block.timestamp);
        (uint40 from, uint40 until) = staking.nodeKeySpan(id, node);
        eq(from, start, "named at creation");
        eq(until, 0, "still the node's");
        skip(10);
        vm.startPrank(alice);
        staking.setKeys(id, node, bob); // the payee alone
        (, until) = staking.nodeKeySpan(id, node);
        eq(until, 0, "nothing ended");
        staking.setKeys(id, carol, bob);
        (from, until) = staking.nodeKeySpan(id, node);
        eq(from, start, "since then");
        eq(until, start + 10, "until the rotation");
        (from, until) = staking.nodeKeySpan(id, carol);
        eq(from, start + 10, "and then the next");
        eq(until, 0, "until now");
        skip(10);
        staking.setKeys(id, node, bob);
        vm.stopPrank();
        (from, until) = staking.nodeKeySpan(id, node);
        eq(from, start, "named again: one span");
        eq(until, 0, "over both times");
        (from, until) = staking.nodeKeySpan(id, mallory);
        eq(from + until, 0, "never");
        (from, ) = staking.nodeKeySpan(id + 1, node);
        eq(from, 0, "nor another operator's");
    }

    function test_setKeys_leavesANodeThatChoseAnotherOperator() public {
        vm.prank(bob);
        uint32 other = staking.createOperator(node, bob, address(0));
        vm.prank(node);
        staking.bindNode(other);
        vm.prank(alice);
        staking.setKeys(id, carol, payee);
        eq(staking.operatorOf(node), other, "still bound where it chose");
    }

    function test_bindNode_isTheNodesOnly() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(O.NotNode.selector, id, bob));
        staking.bindNode(id);
    }

    function test_setFeeRegistry_isTheOwners() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(O.NotOwner.selector, id, bob));
        staking.setFeeRegistry(id, bob);
        vm.expectEmit();
        emit O.FeeRegistrySet(id, carol);
        vm.prank(alice);
        staking.setFeeRegistry(id, carol);
        eq(staking.operator(id).feeRegistry, carol, "set");
    }

    // --- stake, thaw, withdraw ---

    function testFuzz_stake_addsWhatTheCallerPays(uint128 amount, uint32 service) public {
        amount = uint128(within(amount, 1, WEALTH));
        vm.expectEmit();
        emit P.Staked(id, service, bob, amount, amount, amount);
        vm.prank(bob);
        staking.stake(id, service, amount);
        eq(staking.operator(id).staked, amount, "counts");
        eq(staking.provision(id, service).tokens, amount, "in the provision");
        eq(staking.provision(id, service ^ 1).tokens, 0, "in no other");
        eq(token.balanceOf(address(staking)), amount, "held");
    }

    function test_stake_refusesNothingAndNobody() public {
        vm.expectRevert(P.ZeroAmount.selector);
        staking.stake(id, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(O.UnknownOperator.selector, 9));
        staking.stake(9, 0, 1);
    }

    function test_thaw_isTheOwnersUpToTheStakeOfThatProvision() public {
        stake(0, 100);
        stake(1, 900);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(O.NotOwner.selector, id, bob));
        staking.thaw(id, 0, 1);
        vm.startPrank(alice);
        vm.expectRevert(P.ZeroAmount.selector);
        staking.thaw(id, 0, 0);
        vm.expectRevert(abi.encodeWithSelector(P.InsufficientStake.selector, id, 101, 100));
        staking.thaw(id, 0, 101);
        uint40 ready = uint40(block.timestamp) + STAKE_THAW;
        vm.expectEmit();
        emit P.Thawing(id, 0, 40, 40, 960, ready);
        staking.thaw(id, 0, 40);
        vm.expectRevert(abi.encodeWithSelector(P.InsufficientStake.selector, id, 61, 60));
        staking.thaw(id, 0, 61);
        vm.stopPrank();
        eq(staking.operator(id).staked, 960, "what counts");
        P.Provision memory p = staking.provision(id, 0);
        eq(p.tokens, 100, "tokens, what thaws included");
        eq(p.thawing, 40, "what thaws");
        eq(p.thawedAt, ready, "until when");
    }

    function test_withdraw_paysTheOwnerWhoeverCallsEachThawInItsTime() public {
        stake(0, 100);
        vm.expectRevert(abi.encodeWithSelector(Holdings.NothingThawed.selector, 0));
        staking.withdraw(id, 0);
        vm.expectRevert(abi.encodeWithSelector(O.UnknownOperator.selector, 9));
        staking.withdraw(9, 0);
        uint40 first = uint40(block.timestamp) + STAKE_THAW;
        vm.startPrank(alice);
        staking.thaw(id, 0, 40);
        skip(100);
        staking.thaw(id, 0, 60);
        vm.stopPrank();
        vm.warp(first - 1);
        vm.expectRevert(abi.encodeWithSelector(Holdings.NothingThawed.selector, first));
        staking.withdraw(id, 0);
        vm.warp(first);
        vm.expectEmit();
        emit P.StakeWithdrawn(id, 0, alice, 40);
        vm.prank(mallory);
        eq(staking.withdraw(id, 0), 40, "the first thaw, triggered by a stranger");
        vm.warp(first + 100);
        eq(staking.withdraw(id, 0), 60, "the second one");
        eq(token.balanceOf(alice), WEALTH, "all back with the owner");
    }

    function test_thaw_sixteenAtATimeThenTheRingGoesRound() public {
        stake(0, 1_000);
        for (uint256 round = 0; round < 3; ++round) {
            vm.startPrank(alice);
            for (uint256 i = 0; i < 16; ++i) {
                staking.thaw(id, 0, 1);
                skip(10);
            }
            vm.expectRevert(abi.encodeWithSelector(Holdings.TooManyThaws.selector, 16));
            staking.thaw(id, 0, 1);
            vm.stopPrank();
            skip(STAKE_THAW - 100); // the first ten thawed more or less ago, 7 have 10 s each to go
            eq(staking.withdraw(id, 0), 10 - (10 - 7), "those whose time has come");
            skip(STAKE_THAW);
            eq(staking.withdraw(id, 0), 9, "the rest");
        }
        eq(staking.provision(id, 0).tokens, 1_000 - 48, "what stays");
    }
}
