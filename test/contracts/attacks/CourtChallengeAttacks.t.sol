// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {Trees} from "../support/Trees.sol";

/// Challenges and answers that are gamed. Numbered like the list of attacks in docs/contracts.md.
contract CourtChallengeAttacksTest is CourtFixture {
    // --- challenges gamed ---

    function test_challenge_leafIsUnknownWhenItIsOpened() public {
        I.Receipt memory r = receipt();
        challenge(r);
        uint256 drawBlock = block.number + 2;
        eq(blockhash(drawBlock), bytes32(0), "nobody knows it");
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectPartialRevert(I.TooEarlyToDraw.selector);
            court.draw(r);
            vm.roll(block.number + 1);
        }
        uint56 index = court.draw(r);
        vm.roll(block.number + 9);
        vm.expectPartialRevert(I.WrongStage.selector); // and nobody draws again
        court.draw(r);
        eq(court.caseOf(court.receiptId(r)).index, index, "it stays");
    }

    function test_challenge_nobodyElseCanOccupyAReceipt() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        vm.deal(node, 1 ether);
        vm.prank(node); // to answer itself for ever
        vm.expectRevert(abi.encodeWithSelector(I.NotClient.selector, bob, node));
        court.challenge{value: 1 ether}(r, sig);
    }

    /// A base fee of 0, as here, needs no bond; courts.test.ts shows the refusal.
    function test_challenge_bondsCannotBeSharedInAMulticall() public {
        I.Receipt memory r = receipt();
        I.Receipt memory s = receipt();
        s.slot = 1;
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(court.challenge, (r, signed(r)));
        calls[1] = abi.encodeCall(court.challenge, (s, signed(s)));
        vm.prank(bob);
        (bool sent, ) = address(court).call{value: 1 ether}(abi.encodeCall(court.multicall, (calls)));
        ok(!sent, "multicall takes no coin");
        vm.prank(bob);
        court.multicall(calls);
        eq(court.caseOf(court.receiptId(r)).bond, 0, "so there is none to count twice");
    }

    function test_answer_drawsAndAnswersInOneTransaction() public {
        I.Receipt memory r = receipt();
        bytes32 rid = challenge(r);
        uint256 bond = court.caseOf(rid).bond;
        uint256 drawBlock = block.number + 2;
        toDraw();
        uint256 index = uint256(keccak256(abi.encode(blockhash(drawBlock), rid))) % 5;
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(court.draw, (r));
        calls[1] = abi.encodeCall(court.answer, (r, leaves[index], Trees.path(leaves, index)));
        vm.prank(node);
        court.multicall(calls);
        eq(node.balance, bond, "no window is needed");
    }

    function test_answer_copiedByAnotherStillPaysTheNode() public {
        I.Receipt memory r = receipt();
        uint56 index = challengeAndDraw(r);
        bytes32[] memory path = Trees.path(leaves, index);
        vm.prank(mallory); // copies the node's transaction
        court.answer(r, leaves[index], path);
        ok(node.balance > 0 && mallory.balance == 100 ether, "and pays the gas for it");
    }

    function test_answer_ofAnEarlierChallengeIsNotOneOfTheNext() public {
        I.Receipt memory r = receipt();
        uint56 before = challengeAndDraw(r);
        answer(r, before);
        uint56 index = challengeAndDraw(r);
        for (uint256 i = 0; index == before && i < 30; ++i) {
            answer(r, index);
            index = challengeAndDraw(r);
        }
        bytes32[] memory path = Trees.path(leaves, before);
        bytes memory leaf = leaves[before];
        ok(index != before, "drawn anew");
        vm.expectRevert();
        court.answer(r, leaf, path);
    }

    function test_answer_innerNodesAreNoLeaves() public view {
        // content of 64 bytes that looks like two nodes, in a receipt over the real root
        bytes32[] memory path = Trees.path(leaves, 0);
        bytes32 left = keccak256(abi.encodePacked(bytes1(0x00), leaves[0]));
        bytes memory pair = abi.encodePacked(left, path[0]);
        bytes32 root = keccak256(abi.encodePacked(bytes1(0x01), pair));
        ok(!court.isLeaf(root, 64, 0, pair, new bytes32[](0)), "hashed apart");
        ok(
            !court.isLeaf(root, 65, 0, abi.encodePacked(bytes1(0x01), pair), new bytes32[](0)),
            "with its prefix too"
        );
    }

    function test_answer_noLeafLiesBeyondTheLast() public view {
        bytes32[] memory none = new bytes32[](0);
        bytes32 root = keccak256(abi.encodePacked(bytes1(0x00), bytes32(0)));
        ok(court.isLeaf(root, 32, 0, abi.encodePacked(bytes32(0)), none), "the only one");
        ok(!court.isLeaf(root, 32, 1, abi.encodePacked(bytes32(0)), none), "the one after it");
        ok(!court.isLeaf(root, 31, 0, abi.encodePacked(bytes32(0)), none), "longer than the content");
    }

    // --- 24: what grows ---

    function test_attack24_anAnswerCostsALogarithm() public {
        uint256 few = answerGas(4, 1);
        uint256 many = answerGas(24, 2); // 16 million leaves, 4 GiB
        ok(many < few + 20 * 2_000, "less than 2,000 gas for each doubling");
    }

    /// Content of 2^levels leaves, all alike, so that one path is enough.
    function answerGas(uint256 levels, uint32 slot) private returns (uint256 gas) {
        bytes memory leaf = leaves[0];
        bytes32[] memory path = new bytes32[](levels);
        bytes32 root = keccak256(abi.encodePacked(bytes1(0x00), leaf));
        for (uint256 i = 0; i < levels; ++i) {
            path[i] = root;
            root = keccak256(abi.encodePacked(bytes1(0x01), root, root));
        }
        I.Receipt memory r = receipt();
        (r.root, r.size, r.slot) = (root, uint64(256 << levels), slot);
        challengeAndDraw(r);
        gas = gasleft();
        court.answer(r, leaf, path);
        gas -= gasleft();
    }
}
