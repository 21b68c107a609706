// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IOperatorStaking as I} from "../../contracts/interfaces/IOperatorStaking.sol";
import {IServiceRegistry as S} from "../../contracts/interfaces/IServiceRegistry.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
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
        id = staking.createOperator(node, payee);
    }

    function stake(uint128 amount) private {
        vm.prank(alice);
        staking.stake(id, amount);
    }

    function record() private pure returns (bytes memory peerId, string[] memory addrs) {
        peerId = hex"00250802122102";
        addrs = new string[](1);
        addrs[0] = "/ip4/127.0.0.1/tcp/60000";
    }

    function test_createOperator_countsFromOneAndBindsTheNode() public {
        eq(id, 1, "first id");
        eq(staking.operatorOf(node), 1, "bound");
        eq(staking.payeeOf(1), payee, "payee");
        eq(staking.operator(1).owner, alice, "owner");
        vm.expectEmit();
        emit I.OperatorCreated(2, bob, carol, bob);
        vm.prank(bob);
        eq(staking.createOperator(carol, bob), 2, "second id");
    }

    function test_createOperator_refusesZeroKeys() public {
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        staking.createOperator(address(0), payee);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        staking.createOperator(node, address(0));
    }

    function testFuzz_stake_addsWhatTheCallerPays(uint128 amount) public {
        amount = uint128(within(amount, 1, WEALTH));
        vm.expectEmit();
        emit I.Staked(id, bob, amount, amount);
        vm.prank(bob);
        staking.stake(id, amount);
        eq(staking.operator(id).staked, amount, "staked");
        eq(token.balanceOf(address(staking)), amount, "held");
    }

    function test_stake_refusesNothingAndNobody() public {
        vm.expectRevert(I.ZeroAmount.selector);
        staking.stake(id, 0);
        vm.expectRevert(abi.encodeWithSelector(I.UnknownOperator.selector, 9));
        staking.stake(9, 1);
    }

    function test_thaw_isTheOwnersUpToTheStake() public {
        stake(100);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotOwner.selector, id, bob));
        staking.thaw(id, 1);
        vm.startPrank(alice);
        vm.expectRevert(I.ZeroAmount.selector);
        staking.thaw(id, 0);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientStake.selector, id, 101, 100));
        staking.thaw(id, 101);
        staking.thaw(id, 40);
        vm.stopPrank();
        eq(staking.operator(id).staked, 60, "what counts");
        eq(staking.operator(id).thawing, 40, "what thaws");
    }

    function test_withdraw_waitsForTheLastThaw() public {
        stake(100);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NothingThawing.selector, id));
        staking.withdraw(id);
        staking.thaw(id, 40);
        skip(STAKE_THAW - 1);
        staking.thaw(id, 60); // starts again
        uint40 ready = uint40(block.timestamp) + STAKE_THAW;
        vm.warp(ready - 1);
        vm.expectRevert(abi.encodeWithSelector(I.StillThawing.selector, id, ready));
        staking.withdraw(id);
        vm.warp(ready);
        eq(staking.withdraw(id), 100, "all that thawed");
        vm.stopPrank();
        eq(token.balanceOf(alice), WEALTH, "all back");
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotOwner.selector, id, bob));
        staking.withdraw(id);
    }

    function test_setKeys_rotatesWithoutLosingStake() public {
        stake(100);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotOwner.selector, id, bob));
        staking.setKeys(id, bob, bob);
        vm.prank(alice);
        staking.setKeys(id, carol, bob);
        eq(staking.operatorOf(node), 0, "the old node is free");
        eq(staking.operatorOf(carol), id, "the new one is bound");
        eq(staking.operator(id).staked, 100, "stake stays");
    }

    function test_setKeys_leavesANodeThatChoseAnotherOperator() public {
        vm.prank(bob);
        uint32 other = staking.createOperator(node, bob);
        vm.prank(node);
        staking.bindNode(other);
        vm.prank(alice);
        staking.setKeys(id, carol, payee);
        eq(staking.operatorOf(node), other, "still bound where it chose");
    }

    function test_bindNode_isTheNodesOnly() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotNode.selector, id, bob));
        staking.bindNode(id);
    }

    // --- services ---

    function test_announce_emitsTheRecordAndKeepsItsHash() public {
        stake(MINIMUM_STAKE);
        (bytes memory peerId, string[] memory addrs) = record();
        address[2] memory callers = [alice, node];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit();
            emit S.ServiceAnnounced(id, node, peerId, addrs, 15, 1984, 7);
            vm.prank(callers[i]);
            services.announce(id, peerId, addrs, 15, 1984, 7);
        }
        bytes32 expected = keccak256(abi.encode(node, peerId, addrs, uint32(15), uint32(1984), uint128(7)));
        eq(services.recordHash(id), expected, "hash of the record");
        vm.expectEmit();
        emit S.ServiceRetired(id);
        vm.prank(node);
        services.retire(id);
        eq(services.recordHash(id), 0, "gone");
        vm.prank(node);
        vm.expectRevert(abi.encodeWithSelector(S.NotAnnounced.selector, id));
        services.retire(id);
    }

    function test_announce_refusesAStranger() public {
        (bytes memory peerId, string[] memory addrs) = record();
        vm.startPrank(mallory);
        vm.expectRevert(abi.encodeWithSelector(S.NotOwnerOrNode.selector, id, mallory));
        services.announce(id, peerId, addrs, 15, 1984, 7);
        vm.expectRevert(abi.encodeWithSelector(S.NotOwnerOrNode.selector, 9, mallory));
        services.retire(9);
        vm.stopPrank();
    }

    function test_announce_refusesThawingStake() public {
        stake(MINIMUM_STAKE);
        vm.startPrank(alice);
        staking.thaw(id, 1);
        (bytes memory peerId, string[] memory addrs) = record();
        vm.expectRevert(abi.encodeWithSelector(S.StakeTooLow.selector, id, MINIMUM_STAKE - 1, MINIMUM_STAKE));
        services.announce(id, peerId, addrs, 15, 1984, 7);
        vm.stopPrank();
    }

    function test_announce_refusesWhatIsOutOfBounds() public {
        stake(MINIMUM_STAKE);
        (bytes memory peerId, string[] memory addrs) = record();
        vm.startPrank(node);
        vm.expectRevert(abi.encodeWithSelector(S.BadPeerId.selector, 0));
        services.announce(id, "", addrs, 15, 1984, 7);
        vm.expectRevert(abi.encodeWithSelector(S.BadPeerId.selector, 65));
        services.announce(id, new bytes(65), addrs, 15, 1984, 7);
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddrs.selector, 0));
        services.announce(id, peerId, new string[](0), 15, 1984, 7);
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddrs.selector, 17));
        services.announce(id, peerId, new string[](17), 15, 1984, 7);
        addrs[0] = string(new bytes(257));
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddr.selector, 0, 257));
        services.announce(id, peerId, addrs, 15, 1984, 7);
        addrs[0] = "";
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddr.selector, 0, 0));
        services.announce(id, peerId, addrs, 15, 1984, 7);
        vm.stopPrank();
    }
}
