// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRetrievalCourt as I} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {Trees} from "./support/Trees.sol";

/// From the draw of a leaf to its answer. Tree: RetrievalCourt.tree.
contract RetrievalCourtAnswersTest is CourtFixture {
    // --- draw ---

    function test_draw_fixesTheLeafFromTheBlockTwoLater() public {
        I.Receipt memory r = receipt();
        bytes32 rid = challenge(r);
        uint256 drawBlock = block.number + 2;
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.TooEarlyToDraw.selector, drawBlock, block.number));
            court.draw(r);
            vm.roll(block.number + 1);
        }
        vm.expectRevert(abi.encodeWithSelector(I.TooEarlyToDraw.selector, drawBlock, drawBlock));
        court.draw(r);
        vm.roll(block.number + 1);
        ok(blockhash(drawBlock) != 0, "known");
        uint56 expected = uint56(uint256(keccak256(abi.encode(blockhash(drawBlock), rid))) % 5);
        uint40 deadline = uint40(block.timestamp) + WINDOW;
        vm.expectEmit();
        emit I.Drawn(rid, id, expected, deadline);
        vm.prank(mallory);
        eq(court.draw(r), expected, "by anyone");
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Drawn));
        court.draw(r);
        eq(court.caseOf(rid).index, expected, "index");
        eq(court.caseOf(rid).deadline, deadline, "deadline");
    }

    function test_draw_isWithin256Blocks() public {
        I.Receipt memory r = receipt();
        challenge(r);
        uint256 drawBlock = block.number + 2;
        uint40 deadline = uint40(block.timestamp) + WINDOW;
        vm.roll(drawBlock + 257);
        vm.expectRevert(abi.encodeWithSelector(I.TooLateToDraw.selector, drawBlock, deadline));
        court.draw(r);
        vm.roll(drawBlock + 256);
        court.draw(r);
    }

    function test_draw_isWithinAWindow() public {
        I.Receipt memory r = receipt();
        challenge(r);
        uint256 drawBlock = block.number + 2;
        uint40 deadline = uint40(block.timestamp) + WINDOW;
        vm.roll(drawBlock + 1);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(I.TooLateToDraw.selector, drawBlock, deadline));
        court.draw(r);
        vm.warp(deadline);
        court.draw(r);
    }

    function testFuzz_draw_isOneOfTheLeaves(uint64 size, uint16 blocks) public {
        I.Receipt memory r = receipt();
        r.size = uint64(within(size, 1, type(uint64).max));
        vm.roll(uint256(blocks) + 100);
        challenge(r);
        toDraw();
        ok(court.draw(r) < (uint256(r.size) + 255) / 256, "index < leaves");
    }

    // --- lapse ---

    function test_lapse_returnsTheBond() public {
        I.Receipt memory r = receipt();
        bytes32 rid = challenge(r);
        uint96 bond = court.caseOf(rid).bond;
        uint256 drawBlock = block.number + 2;
        uint40 deadline = uint40(block.timestamp) + WINDOW;
        vm.roll(drawBlock + 256);
        vm.expectRevert(abi.encodeWithSelector(I.NotLapsed.selector, drawBlock, deadline));
        court.lapse(r);
        vm.roll(drawBlock + 257);
        vm.expectEmit();
        emit I.Lapsed(rid, id, bob, bond);
        vm.prank(mallory);
        court.lapse(r);
        eq(bob.balance, 100 ether, "all back");
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Quiet));
        court.lapse(r);
        challenge(r); // and the next one can be opened
    }

    function test_lapse_alsoAfterTheWindow() public {
        I.Receipt memory r = receipt();
        challenge(r);
        skip(WINDOW + 1);
        court.lapse(r);
        eq(bob.balance, 100 ether, "all back");
    }

    // --- answer ---

    function test_answer_paysTheNodeTheBond() public {
        I.Receipt memory r = receipt();
        bytes32 rid = court.receiptId(r);
        uint56 index = challengeAndDraw(r);
        uint96 bond = court.caseOf(rid).bond;
        skip(WINDOW);
        bytes32[] memory path = Trees.path(leaves, index);
        vm.expectEmit();
        emit I.Answered(rid, id, index, node, bond);
        vm.prank(carol);
        court.answer(r, leaves[index], path);
        eq(node.balance, bond, "paid, whoever sent it");
        eq(address(court).balance, 0, "nothing is left");
        eq(stageOf(r), uint256(I.Stage.Quiet), "quiet again");
        eq(staking.provision(id, SERVICE).tokens, STAKE, "nothing slashed");
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Quiet));
        court.answer(r, leaves[index], path);
    }

    function test_answer_isInTime() public {
        I.Receipt memory r = receipt();
        uint56 index = challengeAndDraw(r);
        uint40 deadline = uint40(block.timestamp) + WINDOW;
        bytes32[] memory path = Trees.path(leaves, index);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(I.TooLateToAnswer.selector, deadline));
        court.answer(r, leaves[index], path);
    }

    function test_answer_isTheDrawnLeafWithItsPath() public {
        I.Receipt memory r = receipt();
        uint56 index = challengeAndDraw(r);
        uint256 other = index == 0 ? 1 : 0;
        bytes memory leaf = leaves[index];
        bytes32[] memory path = Trees.path(leaves, index);
        bytes memory wrong = abi.encodeWithSelector(I.WrongPath.selector, r.root, index);
        vm.expectRevert(wrong);
        court.answer(r, leaf, Trees.path(leaves, other));
        bytes32[] memory longer = new bytes32[](path.length + 1);
        for (uint256 i = 0; i < path.length; ++i) longer[i] = path[i];
        vm.expectRevert(wrong);
        court.answer(r, leaf, longer);
        if (leaf.length == 256) {
            vm.expectRevert(wrong);
            court.answer(r, leaves[other], Trees.path(leaves, other));
        }
        vm.expectRevert(wrong);
        court.answer(r, leaf, new bytes32[](path.length + 1));
        vm.expectRevert(wrong);
        court.answer(r, leaf, new bytes32[](path.length - 1));
        vm.expectRevert(abi.encodeWithSelector(I.WrongLeafSize.selector, leaf.length + 1, leaf.length));
        court.answer(r, abi.encodePacked(leaf, hex"00"), path);
        vm.expectRevert(abi.encodeWithSelector(I.WrongLeafSize.selector, 0, leaf.length));
        court.answer(r, "", path);
        leaf[7] ^= 0x01;
        vm.expectRevert(wrong);
        court.answer(r, leaf, path);
        answer(r, index);
    }
}
