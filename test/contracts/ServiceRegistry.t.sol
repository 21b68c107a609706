// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IServiceRegistry as S} from "../../contracts/interfaces/IServiceRegistry.sol";
import {Fixture} from "./support/Fixture.sol";

contract ServiceRegistryTest is Fixture {
    uint32 private id;
    address private node;

    function setUp() public override {
        super.setUp();
        (node, ) = account("node");
        vm.prank(alice);
        id = staking.createOperator(node, alice, address(0));
    }

    function stake(uint128 amount) private {
        vm.prank(alice);
        staking.stake(id, 0, amount);
    }

    function record() private pure returns (bytes memory peerId, string[] memory addrs) {
        peerId = hex"00250802122102";
        addrs = new string[](1);
        addrs[0] = "/ip4/127.0.0.1/tcp/60000";
    }

    function test_announce_emitsTheRecordAndKeepsItsHash() public {
        stake(MINIMUM_STAKE);
        (bytes memory peerId, string[] memory addrs) = record();
        address[2] memory callers = [alice, node];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectEmit();
            emit S.ServiceAnnounced(id, node, peerId, addrs, 15, 1984, 7);
            vm.prank(callers[i]);
            services.announce(id, S.Record(peerId, addrs, 15, 1984, 7));
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
        services.announce(id, S.Record(peerId, addrs, 15, 1984, 7));
        vm.expectRevert(abi.encodeWithSelector(S.NotOwnerOrNode.selector, 9, mallory));
        services.retire(9);
        vm.stopPrank();
    }

    function test_announce_refusesThawingStake() public {
        stake(MINIMUM_STAKE);
        vm.startPrank(alice);
        staking.thaw(id, 0, 1);
        (bytes memory peerId, string[] memory addrs) = record();
        vm.expectRevert(abi.encodeWithSelector(S.StakeTooLow.selector, id, MINIMUM_STAKE - 1, MINIMUM_STAKE));
        services.announce(id, S.Record(peerId, addrs, 15, 1984, 7));
        vm.stopPrank();
    }

    function test_announce_refusesWhatIsOutOfBounds() public {
        stake(MINIMUM_STAKE);
        (bytes memory peerId, string[] memory addrs) = record();
        vm.startPrank(node);
        vm.expectRevert(abi.encodeWithSelector(S.BadPeerId.selector, 0));
        services.announce(id, S.Record("", addrs, 15, 1984, 7));
        vm.expectRevert(abi.encodeWithSelector(S.BadPeerId.selector, 65));
        services.announce(id, S.Record(new bytes(65), addrs, 15, 1984, 7));
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddrs.selector, 0));
        services.announce(id, S.Record(peerId, new string[](0), 15, 1984, 7));
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddrs.selector, 17));
        services.announce(id, S.Record(peerId, new string[](17), 15, 1984, 7));
        addrs[0] = string(new bytes(257));
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddr.selector, 0, 257));
        services.announce(id, S.Record(peerId, addrs, 15, 1984, 7));
        addrs[0] = "";
        vm.expectRevert(abi.encodeWithSelector(S.BadMultiaddr.selector, 0, 0));
        services.announce(id, S.Record(peerId, addrs, 15, 1984, 7));
        vm.stopPrank();
    }
}
