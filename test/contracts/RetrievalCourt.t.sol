// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {RetrievalCourt} from "../../contracts/courts/RetrievalCourt.sol";
import {IAdjudicator as A} from "../../contracts/interfaces/IAdjudicator.sol";
import {IRetrievalCourt as I} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {ISigned} from "../../contracts/interfaces/ISigned.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {Receiver} from "./support/HostileTokens.sol";

contract RetrievalCourtTest is CourtFixture {
    function refuseParams(I.Params memory p, string memory name) private {
        vm.expectRevert(abi.encodeWithSelector(A.BadParameter.selector, name));
        new RetrievalCourt(staking, p);
    }

    function refuse(I.Receipt memory r, bytes memory reason) private {
        bytes memory sig = signed(r);
        vm.deal(r.client, 1 ether);
        vm.prank(r.client);
        vm.expectRevert(reason);
        court.challenge{value: 1 ether}(r, sig);
    }

    // --- constructor ---

    function test_constructor_refusesParametersOutOfBounds() public {
        I.Params memory p = courtParams();
        p.window = 0;
        refuseParams(p, "window");
        p = courtParams();
        p.maxTerm = 0;
        refuseParams(p, "maxTerm");
        p = courtParams();
        p.rewardBps = 2_501;
        refuseParams(p, "rewardBps");
        p = courtParams();
        p.penaltyBps = 1_001;
        refuseParams(p, "penaltyBps");
        p = courtParams();
        (p.rewardBps, p.penaltyBps) = (2_500, 1_000);
        RetrievalCourt other = new RetrievalCourt(staking, p);
        eq(other.rewardBps(), 2_500, "reward");
        eq(other.penaltyBps(), 1_000, "penalty");
        eq(other.window(), WINDOW, "window");
        eq(other.noticeDelay(), NOTICE_DELAY, "delay");
        eq(other.maxTerm(), MAX_TERM, "term");
        eq(address(other.staking()), address(staking), "staking");
        eq(address(other.token()), address(token), "the token of the stake");
    }

    // --- challenge ---

    function test_challenge_opensForTheLeafOfALaterBlock() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        bytes32 rid = court.receiptId(r);
        uint96 bond = uint96(court.bondFor(r.size));
        vm.expectEmit();
        emit I.Challenged(
            rid,
            id,
            bob,
            bob,
            bond,
            uint40(block.number + 2),
            uint40(block.timestamp) + WINDOW,
            0
        );
        vm.prank(bob);
        eq(court.challenge{value: bond}(r, sig), rid, "named by its struct hash");
        I.Case memory c = court.caseOf(rid);
        eq(c.payer, bob, "payer");
        eq(c.bond, bond, "bond");
        eq(uint256(c.stage), uint256(I.Stage.Open), "open");
        eq(c.drawBlock, block.number + 2, "two blocks later");
        eq(c.challenges, 1, "counted");
        eq(address(court).balance, bond, "held");
    }

    function test_challenge_isTheClients() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(I.NotClient.selector, bob, mallory));
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_challenge_refusesUnsoundReceipts() public {
        I.Receipt[5] memory bad;
        for (uint256 i = 0; i < 5; ++i) bad[i] = receipt();
        bad[0].client = address(0);
        bad[1].size = 0;
        bad[2].liability = 0;
        bad[3].until = bad[3].from;
        bad[4].until = bad[4].from + MAX_TERM + 1;
        for (uint256 i = 0; i < 5; ++i) {
            refuse(bad[i], abi.encodeWithSelector(I.BadReceipt.selector, court.receiptId(bad[i])));
        }
    }

    function test_challenge_holdsFromTheFirstToTheLastSecondOfTheTerm() public {
        I.Receipt memory r = receipt();
        r.from += 10;
        bytes memory outside = abi.encodeWithSelector(I.NotInTerm.selector, r.from, r.until);
        vm.warp(r.from - 1);
        refuse(r, outside);
        vm.warp(r.until);
        refuse(r, outside);
        vm.warp(r.until - 1);
        challenge(r);
        r.slot = 1;
        vm.warp(r.from);
        challenge(r);
    }

    /// forge-config: default.isolate = false
    function test_challenge_costsThreeAnswersAtTheBaseFee() public {
        // Isolated, a call of a test would see a base fee of 0.
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        vm.fee(1 gwei);
        uint256 needed = court.bondFor(r.size);
        ok(needed > 0, "a bond");
        vm.deal(bob, needed);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(I.BondTooLow.selector, needed - 1, needed));
        court.challenge{value: needed - 1}(r, sig);
        court.challenge{value: needed}(r, sig);
        vm.stopPrank();
        eq(court.caseOf(court.receiptId(r)).bond, needed, "kept");
    }

    function test_challenge_refusesSignaturesOfOthers() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signature(malloryKey, court.receiptDigest(r));
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, mallory));
        court.challenge{value: 1 ether}(r, sig);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, address(0)));
        court.challenge{value: 1 ether}(r, hex"1234");
        vm.stopPrank();
    }

    function test_challenge_isOneAtATime() public {
        I.Receipt memory r = receipt();
        bytes32 rid = challenge(r);
        refuse(r, abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Open));
        toDraw();
        uint56 index = court.draw(r);
        refuse(r, abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Drawn));
        answer(r, index);
        challengeInVain(r);
        eq(court.caseOf(rid).challenges, 2, "two were opened");
        court.convict(r);
        refuse(r, abi.encodeWithSelector(I.WrongStage.selector, rid, I.Stage.Convicted));
    }

    function test_challenge_needsAStakeInReach() public {
        vm.startPrank(alice);
        staking.setAdjudicator(id, SERVICE, address(court), false);
        vm.stopPrank();
        skip(STAKE_THAW);
        I.Receipt memory r = receipt();
        refuse(r, abi.encodeWithSelector(A.NothingAtStake.selector, id));
    }

    /// That `challenge` asks for it is tested in courts.test.ts: here every call has a base fee of 0.
    function testFuzz_bondFor_isThreeAnswersGas(uint64 size, uint64 fee) public {
        vm.fee(fee);
        size = uint64(within(size, 1, type(uint64).max));
        uint256 levels;
        while ((uint256(256) << levels) < size) ++levels;
        eq(
            court.bondFor(size),
            3 * (80_000 + 1_200 * levels) * uint256(fee),
            "three answers at the base fee"
        );
    }

    // --- challengeFor ---

    function consent(I.Receipt memory r, uint32 number, uint40 deadline) private view returns (bytes32) {
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Challenge(bytes32 receipt,uint32 number,uint40 deadline)"),
                court.receiptId(r),
                number,
                deadline
            )
        );
        return digestOf(structHash);
    }

    function digestOf(bytes32 structHash) private view returns (bytes32) {
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
        return keccak256(abi.encodePacked(hex"1901", domain, structHash));
    }

    function test_challengeFor_opensWithTheClientsConsentAndTheSendersBond() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        uint40 deadline = uint40(block.timestamp);
        bytes memory yes = signature(bobKey, consent(r, 0, deadline));
        challengedBy(carol, r, 0);
        vm.prank(carol);
        bytes32 rid = court.challengeFor{value: 1 ether}(r, sig, deadline, yes);
        eq(court.caseOf(rid).payer, carol, "the bond is hers");

        toDraw();
        answer(r, court.draw(r));
        vm.warp(deadline);
        vm.prank(carol); // the consent was for challenge 0
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        court.challengeFor{value: 1 ether}(r, sig, deadline, yes);
        yes = signature(bobKey, consent(r, 1, deadline));
        challengedBy(carol, r, 1);
        vm.prank(carol);
        court.challengeFor{value: 1 ether}(r, sig, deadline, yes);
    }

    /// @dev The next call tells of challenge `number` of bob's receipt, with a bond of 1 ether.
    function challengedBy(address payer, I.Receipt memory r, uint32 number) private {
        bytes32 rid = court.receiptId(r);
        uint40 drawBlock = uint40(block.number + 2);
        vm.expectEmit();
        emit I.Challenged(rid, id, bob, payer, 1 ether, drawBlock, uint40(block.timestamp) + WINDOW, number);
    }

    function test_challengeFor_refusesLateAndForeignConsent() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        uint40 deadline = uint40(block.timestamp) - 1;
        bytes memory late = signature(bobKey, consent(r, 0, deadline));
        bytes memory foreign = signature(malloryKey, consent(r, 0, deadline + 1));
        vm.startPrank(mallory);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        court.challengeFor{value: 1 ether}(r, sig, deadline, late);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        court.challengeFor{value: 1 ether}(r, sig, deadline + 1, late);
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, bob));
        court.challengeFor{value: 1 ether}(r, sig, deadline + 1, foreign);
        vm.stopPrank();
    }

    function test_challengeFor_takesAContractsConsent() public {
        Receiver wallet = new Receiver();
        I.Receipt memory r = receipt();
        r.client = address(wallet);
        bytes memory sig = signed(r);
        vm.prank(carol);
        court.challengeFor{value: 1 ether}(r, sig, uint40(block.timestamp), "");
        eq(stageOf(r), uint256(I.Stage.Open), "open");
    }
}
