// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IAdjudicator as A} from "../../contracts/interfaces/IAdjudicator.sol";
import {IRetrievalCourt as I} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {CourtFixture} from "./support/CourtFixture.sol";

/// What a receipt pledges, for how long, and how it ends before its time. Tree: RetrievalCourt.tree.
contract PledgesTest is CourtFixture {
    I.Receipt private first;
    I.Receipt private second;

    function setUp() public override {
        super.setUp();
        (first, second) = (receipt(), receipt());
        second.client = carol;
    }

    function prove(I.Receipt memory a, I.Receipt memory b) private returns (uint128) {
        return court.convictPledgedTwice(a, signed(a), b, signed(b), mallory);
    }

    function refuse(I.Receipt memory a, I.Receipt memory b, bytes memory reason) private {
        (bytes memory aSig, bytes memory bSig) = (signed(a), signed(b));
        vm.expectRevert(reason);
        court.convictPledgedTwice(a, aSig, b, bSig, mallory);
    }

    function notTwice(I.Receipt memory a, I.Receipt memory b) private {
        (bytes32 aId, bytes32 bId) = (court.receiptId(a), court.receiptId(b));
        refuse(a, b, abi.encodeWithSelector(I.NotPledgedTwice.selector, aId, bId));
        refuse(b, a, abi.encodeWithSelector(I.NotPledgedTwice.selector, bId, aId));
    }

    // --- pledged twice ---

    function test_pledgedTwice_costsBothLiabilitiesOnce() public {
        second.liability = 30 * TEA;
        (bytes32 aId, bytes32 bId) = (court.receiptId(first), court.receiptId(second));
        (bytes memory aSig, bytes memory bSig) = (signed(first), signed(second));
        vm.expectEmit();
        emit I.PledgedTwice(aId, bId, id);
        vm.expectEmit();
        emit A.Convicted(id, aId, 50 * TEA, 50 * TEA, mallory, 5 * TEA);
        eq(court.convictPledgedTwice(first, aSig, second, bSig, mallory), 50 * TEA, "both");
        eq(token.balanceOf(mallory), WEALTH + 5 * TEA, "a tenth to the reporter");
        eq(staking.provision(id, SERVICE).tokens, 50 * TEA, "off the stake");

        refuse(first, second, abi.encodeWithSelector(A.AlreadyConvicted.selector, aId));
        I.Receipt memory third = second;
        third.size = 1;
        refuse(third, second, abi.encodeWithSelector(A.AlreadyConvicted.selector, bId));
        bytes memory sig = signed(first);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, aId, I.Stage.Convicted));
        court.challenge{value: 1 ether}(first, sig);
    }

    function test_pledgedTwice_returnsTheBondOfAChallengeThatRuns() public {
        bytes32 aId = challenge(first);
        bytes32 bId = challenge(second);
        uint256 bond = court.caseOf(aId).bond;
        toDraw();
        uint56 index = court.draw(second);
        prove(first, second);
        eq(court.claimableNative(bob), bond, "bob's");
        eq(court.claimableNative(carol), bond, "carol's");
        eq(address(court).balance, 2 * bond, "held");
        court.claimNative(bob);
        court.claimNative(carol);
        eq(bob.balance, 100 ether, "back");
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, bId, I.Stage.Convicted));
        court.answer(second, leaves[index], new bytes32[](0));
        skip(WINDOW + 1);
        vm.expectRevert(abi.encodeWithSelector(I.WrongStage.selector, bId, I.Stage.Convicted));
        court.convict(second);
    }

    function test_pledgedTwice_partsOfTheStakeThatOverlap() public {
        // slot 0 of 20 TEA pledges 0 until 20; slot 1 of 19 TEA pledges 19 until 38
        (second.slot, second.liability) = (1, 19 * TEA);
        eq(prove(second, first), 39 * TEA, "one TEA is pledged twice");
    }

    function test_pledgedTwice_saturatesAtTheStake() public {
        (first.liability, second.liability) = (type(uint128).max, type(uint128).max);
        eq(prove(first, second), STAKE, "all there is");
    }

    function test_pledgedTwice_refusesTwoThatDoNotMeet() public {
        notTwice(first, first);
        (second.slot, second.liability) = (1, LIABILITY);
        notTwice(first, second); // the part just above
        (second.slot, second.liability) = (2, 10 * TEA);
        notTwice(first, second); // of another size, just above
        second = receipt();
        first.until = first.from + 50;
        (second.from, second.until) = (first.until, first.until + 50);
        vm.warp(second.from);
        notTwice(first, second); // one after the other
    }

    function test_pledgedTwice_refusesTwoOperators() public {
        second.operator = provisioned(bob, node, STAKE); // one key, two operators
        second.from = uint40(block.timestamp);
        notTwice(first, second);
    }

    function test_pledgedTwice_refusesUnsoundUnsignedAndComingReceipts() public {
        I.Receipt memory bad = second;
        bad.size = 0;
        refuse(first, bad, abi.encodeWithSelector(I.BadReceipt.selector, court.receiptId(bad)));
        refuse(bad, first, abi.encodeWithSelector(I.BadReceipt.selector, court.receiptId(bad)));
        I.Receipt memory coming = receipt();
        (coming.from, coming.until) = (coming.from + 1, coming.until + 1);
        refuse(first, coming, abi.encodeWithSelector(I.NotInTerm.selector, coming.from, coming.until));
        bytes memory good = signed(first);
        bytes memory forged = signature(malloryKey, court.receiptDigest(second));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, mallory));
        court.convictPledgedTwice(first, good, second, forged, mallory);
    }

    function test_pledgedTwice_untilBothHaveEnded() public {
        second.until -= 50;
        vm.warp(first.until);
        refuse(first, second, abi.encodeWithSelector(A.EvidenceExpired.selector, first.until));
        vm.warp(first.until - 1);
        eq(prove(first, second), 2 * LIABILITY, "in the last second");
    }

    function test_pledgedTwice_isNotUsedUpForNothing() public {
        vm.prank(alice);
        staking.thaw(id, SERVICE, STAKE);
        skip(STAKE_THAW);
        vm.prank(alice);
        staking.withdraw(id, SERVICE);
        (first, second) = (receipt(), receipt());
        second.client = carol;
        refuse(first, second, abi.encodeWithSelector(A.NothingAtStake.selector, id));
        vm.prank(alice);
        staking.stake(id, SERVICE, STAKE);
        eq(prove(first, second), 2 * LIABILITY, "later");
    }

    // --- notice ---

    function test_giveNotice_paysThePenaltyAndEndsThePromiseLater() public {
        bytes32 rid = court.receiptId(first);
        uint40 endsAt = uint40(block.timestamp) + WINDOW + NOTICE_DELAY;
        vm.expectEmit();
        emit I.Ending(rid, id, bob, endsAt, TEA);
        vm.prank(alice);
        eq(court.giveNotice(first), endsAt, "a window and the delay from now");
        eq(token.balanceOf(bob), WEALTH + TEA, "5 % to the client");
        eq(token.balanceOf(alice), WEALTH - STAKE - TEA, "from the owner");
        eq(staking.provision(id, SERVICE).tokens, STAKE, "not from the stake");

        vm.warp(endsAt - 1);
        challenge(first); // stands, though the promise ends
        toDraw();
        court.draw(first);
        skip(WINDOW + 1);
        eq(court.convict(first), LIABILITY, "slashed after the end");
    }

    function test_giveNotice_letsNobodyAskAfterTheEnd() public {
        vm.prank(alice);
        uint40 endsAt = court.giveNotice(first);
        bytes memory sig = signed(first);
        vm.warp(endsAt);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotInTerm.selector, first.from, endsAt));
        court.challenge{value: 1 ether}(first, sig);
    }

    function test_giveNotice_freesTheSlotWhenItTakesEffect() public {
        vm.prank(alice);
        uint40 endsAt = court.giveNotice(first);
        vm.warp(endsAt);
        (second.from, second.until) = (endsAt, endsAt + 50);
        notTwice(first, second);
        (second.from, second.until) = (endsAt - 1, endsAt + 50);
        eq(prove(first, second), 2 * LIABILITY, "not a second before");
    }

    function test_giveNotice_isTheOwnersOrTheNodes() public {
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.NotOwnerOrNode.selector, id, bob));
        court.giveNotice(first);
        fund(node);
        vm.startPrank(node);
        token.approve(address(court), TEA);
        court.giveNotice(first);
        vm.stopPrank();
    }

    function test_giveNotice_refusesWhatNeedsNone() public {
        bytes32 rid = court.receiptId(first);
        vm.startPrank(alice);
        I.Receipt memory bad = receipt();
        bad.client = address(0);
        vm.expectRevert(abi.encodeWithSelector(I.BadReceipt.selector, court.receiptId(bad)));
        court.giveNotice(bad);
        vm.warp(first.until - WINDOW - NOTICE_DELAY);
        vm.expectRevert(abi.encodeWithSelector(I.EndsAnyway.selector, first.until, first.until));
        court.giveNotice(first);
        vm.warp(first.until - WINDOW - NOTICE_DELAY - 1);
        court.giveNotice(first);
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyEnding.selector, first.until - 1));
        court.giveNotice(first);
        vm.stopPrank();
        prove(first, second);
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(A.AlreadyConvicted.selector, rid));
        court.giveNotice(first);
    }

    function test_giveNotice_roundsThePenaltyUp() public {
        first.liability = 1;
        vm.prank(alice);
        court.giveNotice(first);
        eq(token.balanceOf(bob), WEALTH + 1, "never for nothing");
    }

    function test_giveNoticeFor_isSignedByOwnerOrNodeAndPaidByTheSender() public {
        uint40 deadline = uint40(block.timestamp);
        bytes32 digest = noticeDigest(first, deadline);
        bytes memory yes = signature(nodeKey, digest);
        vm.startPrank(carol);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline - 1));
        court.giveNoticeFor(first, node, deadline - 1, yes);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, alice));
        court.giveNoticeFor(first, alice, deadline, yes);
        bytes memory foreign = signature(malloryKey, digest);
        vm.expectRevert(abi.encodeWithSelector(I.NotOwnerOrNode.selector, id, mallory));
        court.giveNoticeFor(first, mallory, deadline, foreign);
        court.giveNoticeFor(first, node, deadline, yes);
        vm.stopPrank();
        eq(token.balanceOf(carol), WEALTH - TEA, "carol paid");
        eq(token.balanceOf(bob), WEALTH + TEA, "bob was paid");
        bytes memory owners = signature(aliceKey, noticeDigest(second, deadline));
        vm.prank(mallory);
        court.giveNoticeFor(second, alice, deadline, owners);
    }

    function noticeDigest(I.Receipt memory r, uint40 deadline) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Teahouse RetrievalCourt"),
                keccak256("1"),
                block.chainid,
                address(court)
            )
        );
        bytes32 typehash = keccak256("Notice(bytes32 receipt,uint40 deadline)");
        bytes32 structHash = keccak256(abi.encode(typehash, court.receiptId(r), deadline));
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    // --- covered ---

    function test_isCovered_countsWhatStaysThreeWindowsLonger() public view {
        I.Receipt memory r = receipt();
        for (uint32 slot = 0; slot < 8; ++slot) {
            r.slot = slot;
            ok(court.isCovered(r) == (slot < 5), "slot < stake / liability");
        }
        r.slot = 0;
        r.liability = STAKE + 1;
        ok(!court.isCovered(r), "more than the stake");
        r.liability = 0;
        ok(!court.isCovered(r), "nothing pledged");
        r = receipt();
        r.until = uint40(block.timestamp) + STAKE_THAW - 3 * WINDOW;
        ok(court.isCovered(r), "up to the last second");
        r.until += 1;
        ok(!court.isCovered(r), "no longer");
        r.until = type(uint40).max;
        ok(!court.isCovered(r), "nor forever");
        r = receipt();
        r.operator = 9;
        ok(!court.isCovered(r), "nobody's");
    }

    function test_isCovered_leavesOutWhatThawsBefore() public {
        vm.prank(alice);
        staking.thaw(id, SERVICE, 70 * TEA);
        I.Receipt memory r = receipt();
        (r.slot, r.until) = (4, uint40(block.timestamp) + STAKE_THAW - 3 * WINDOW);
        ok(court.isCovered(r), "all of it is there until then");
        skip(1);
        r.until += 1;
        ok(!court.isCovered(r), "what thaws leaves a second before");
        r.slot = 1;
        ok(!court.isCovered(r), "30 TEA stay");
        r.slot = 0;
        ok(court.isCovered(r), "enough for one");
    }
}
