// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperators as I} from "../../contracts/interfaces/IOperators.sol";
import {IProvisions as P} from "../../contracts/interfaces/IProvisions.sol";
import {IServiceRegistry as S} from "../../contracts/interfaces/IServiceRegistry.sol";
import {Fixture} from "./support/Fixture.sol";

/// What an indexer reads, sums of several steps, and the largest record that is taken.
contract OperatorStakingEdgesTest is Fixture {
    uint32 private id;
    address private node;

    function setUp() public override {
        super.setUp();
        (node, ) = account("node");
        id = operatorWithStake(alice, node, bob);
    }

    function test_parametersAreThoseOfTheDeployment() public view {
        eq(staking.minimumStake(), MINIMUM_STAKE, "minimum stake");
        eq(staking.thawSeconds(), STAKE_THAW, "thaw");
        eq(address(services.staking()), address(staking), "staking");
    }

    function test_createOperator_takesAnyFeeRegistryButZero() public {
        vm.expectEmit();
        emit I.OperatorCreated(id + 1, address(this), bob, carol, address(1));
        uint32 other = staking.createOperator(bob, carol, address(1));
        eq(staking.operator(other).feeRegistry, address(1), "the smallest");
    }

    function test_stake_addsToWhatIsThere() public {
        vm.expectEmit();
        emit P.Staked(id, 0, carol, 5, MINIMUM_STAKE + 5, MINIMUM_STAKE + 5);
        vm.prank(carol);
        staking.stake(id, 0, 5);
        vm.expectEmit();
        emit P.Staked(id, 7, carol, 4, 4, MINIMUM_STAKE + 9);
        vm.prank(carol);
        staking.stake(id, 7, 4);
        eq(staking.operator(id).staked, MINIMUM_STAKE + 9, "staked in all");
    }

    function test_thaw_keepsEachItsOwnDateAndTellsWhatCounts() public {
        vm.startPrank(alice);
        staking.thaw(id, 0, 10);
        skip(7);
        uint40 ready = uint40(block.timestamp) + STAKE_THAW;
        vm.expectEmit();
        emit P.Thawing(id, 0, 20, 30, MINIMUM_STAKE - 30, ready);
        staking.thaw(id, 0, 20);
        vm.stopPrank();
        eq(staking.provision(id, 0).thawing, 30, "thawing");
        eq(staking.provision(id, 0).thawedAt, ready, "thawed at, the last of them");
        vm.warp(ready - 1);
        vm.expectEmit();
        emit P.StakeWithdrawn(id, 0, alice, 10);
        staking.withdraw(id, 0);
        vm.warp(ready);
        vm.expectEmit();
        emit P.StakeWithdrawn(id, 0, alice, 20);
        staking.withdraw(id, 0);
        eq(staking.provision(id, 0).thawing, 0, "nothing thaws");
        eq(staking.provision(id, 0).thawedAt, 0, "no date");
        eq(staking.operator(id).staked, MINIMUM_STAKE - 30, "the rest counts");
    }

    /// The seventh is not the operator's id, and not where most stakes stand.
    function test_everyProvisionTellsWhichItIs() public {
        uint40 now_ = uint40(block.timestamp);
        vm.startPrank(alice);
        vm.expectEmit();
        emit P.TermsSet(id, 7, STAKE_THAW + 1, 5, 0, 1);
        staking.setTerms(id, 7, STAKE_THAW + 1, 5);
        vm.expectEmit();
        emit P.AdjudicatorSet(id, 7, carol, now_, type(uint40).max, 2);
        staking.setAdjudicator(id, 7, carol, true);
        staking.stake(id, 7, 20);
        vm.expectEmit();
        emit P.Thawing(id, 7, 9, 9, MINIMUM_STAKE + 11, now_ + STAKE_THAW + 1);
        staking.thaw(id, 7, 9);
        skip(STAKE_THAW + 1);
        vm.expectEmit();
        emit P.StakeWithdrawn(id, 7, alice, 9);
        staking.withdraw(id, 7);
        vm.stopPrank();
    }

    function test_thaw_mayTakeEverything() public {
        vm.prank(alice);
        staking.thaw(id, 0, MINIMUM_STAKE);
        eq(staking.operator(id).staked, 0, "nothing counts");
    }

    function test_setKeys_tellsTheKeysAndTheBinding() public {
        vm.expectEmit();
        emit I.NodeBound(carol, id);
        vm.expectEmit();
        emit I.KeysSet(id, carol, mallory);
        vm.prank(alice);
        staking.setKeys(id, carol, mallory);
        eq(staking.operator(id).node, carol, "node");
        eq(staking.payeeOf(id), mallory, "payee");
        eq(staking.operatorOf(node), 0, "the old node is free");
    }

    function test_setKeys_keepsABindingThatDoesNotChange() public {
        vm.recordLogs();
        vm.prank(alice);
        staking.setKeys(id, node, mallory);
        eq(staking.operatorOf(node), id, "still bound");
        eq(vm.getRecordedLogs().length, 1, "KeysSet alone");
    }

    function test_bindNode_tellsTheChoice() public {
        vm.prank(bob);
        uint32 other = staking.createOperator(node, bob, address(registry));
        eq(staking.operatorOf(node), id, "the first binding stays");
        vm.expectEmit();
        emit I.NodeBound(node, other);
        vm.prank(node);
        staking.bindNode(other);
        eq(staking.operatorOf(node), other, "bound where it chose");
    }

    // --- services ---

    function test_announce_takesTheLargestRecordAndTheSmallest() public {
        string[] memory many = new string[](16);
        for (uint256 i = 0; i < 16; ++i) many[i] = string(new bytes(256));
        vm.startPrank(node);
        services.announce(id, S.Record(new bytes(64), many, 1, 2, 3));
        ok(services.recordHash(id) != 0, "the largest");
        string[] memory one = new string[](1);
        one[0] = "/";
        services.announce(id, S.Record(hex"00", one, 1, 2, 3));
        bytes32 expected = keccak256(abi.encode(node, hex"00", one, uint32(1), uint32(2), uint128(3)));
        eq(services.recordHash(id), expected, "the smallest");
        vm.stopPrank();
    }

    function test_announce_looksAtEveryMultiaddr() public {
        string[] memory many = new string[](3);
        (many[0], many[1]) = ("/a", "/b");
        vm.prank(node);
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddr.selector, 2, 0));
        services.announce(id, S.Record(hex"00", many, 1, 2, 3));
    }

    function test_retire_isTheOwnersToo() public {
        string[] memory one = new string[](1);
        one[0] = "/a";
        vm.startPrank(alice);
        services.announce(id, S.Record(hex"00", one, 1, 2, 3));
        vm.expectEmit();
        emit S.ServiceRetired(id);
        services.retire(id);
        vm.stopPrank();
        eq(services.recordHash(id), 0, "gone");
    }
}
