// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IAdjudicator as A} from "../../contracts/interfaces/IAdjudicator.sol";
import {IArchiveCourt as I} from "../../contracts/interfaces/IArchiveCourt.sol";
import {CourtFixture} from "./support/CourtFixture.sol";

contract ArchiveCourtTest is CourtFixture {
    bytes32 private constant MISSING = bytes32(uint256(25));

    uint64 private hour;
    I.ArchiveRoot private first;
    I.ArchiveRoot private second;
    I.MessageReceipt private taken;

    function setUp() public override {
        super.setUp();
        hour = toNextHour();
        (first, second) = (archiveRoot(hour, tens(5)), archiveRoot(hour, tens(6)));
        taken = messageReceipt(hour, MISSING);
    }

    function equivocate() private returns (uint128) {
        return archive.convictEquivocation(first, signed(first), second, signed(second), mallory);
    }

    function refuseTwo(bytes memory reason) private {
        (bytes memory a, bytes memory b) = (signed(first), signed(second));
        vm.expectRevert(reason);
        archive.convictEquivocation(first, a, second, b, mallory);
    }

    function omit(I.Absence memory absence) private returns (uint128) {
        return archive.convictOmission(taken, signed(taken), first, signed(first), absence);
    }

    function refuseOmission(I.Absence memory absence, bytes memory reason) private {
        (bytes memory a, bytes memory b) = (signed(taken), signed(first));
        vm.expectRevert(reason);
        archive.convictOmission(taken, a, first, b, absence);
    }

    function faultOf() private view returns (bytes32) {
        return keccak256(abi.encode(id, node, uint16(1984), uint16(3), hour));
    }

    // --- equivocation ---

    function test_equivocation_costsTheLargerLiability() public {
        afterHour(hour);
        second.liability = 30 * TEA;
        (bytes memory a, bytes memory b) = (signed(first), signed(second));
        vm.expectEmit();
        emit I.Equivocated(id, node, 1984, 3, hour, first.root, second.root);
        vm.expectEmit();
        emit A.Convicted(id, faultOf(), 30 * TEA, 30 * TEA, mallory, 3 * TEA);
        eq(archive.convictEquivocation(first, a, second, b, mallory), 30 * TEA, "the larger");
        eq(token.balanceOf(mallory), WEALTH + 3 * TEA, "a tenth to the reporter");
        eq(token.balanceOf(BURNED), 27 * TEA, "the rest burned");
        eq(archive.convictedUpTo(faultOf()), 30 * TEA, "kept");
        refuseTwo(abi.encodeWithSelector(A.AlreadyConvicted.selector, faultOf()));
    }

    function test_equivocation_isNotWashedOffByACheapOne() public {
        afterHour(hour);
        (first.liability, second.liability) = (1, 1);
        eq(equivocate(), 1, "the operator's own");
        (first.liability, second.liability) = (LIABILITY, LIABILITY);
        eq(equivocate(), LIABILITY - 1, "the rest of what the others were promised");
    }

    function test_equivocation_alsoByCountAlone() public {
        second = first;
        second.count += 1;
        afterHour(hour);
        eq(equivocate(), LIABILITY, "another count is another root");
    }

    function test_equivocation_refusesTwoThatAgreeOrDoNotMeet() public {
        afterHour(hour);
        bytes memory not = abi.encodeWithSelector(I.NotEquivocation.selector, id, hour);
        I.ArchiveRoot memory other = second;
        second = first;
        refuseTwo(not); // one and the same
        second.liability += 1;
        refuseTwo(not); // the same root with another liability
        second = other;
        second.shard += 1;
        refuseTwo(not);
        second = other;
        second.cluster += 1;
        refuseTwo(not);
        second = other;
        second.operator = provisioned(bob, node, STAKE);
        afterHour(hour + 2);
        (first.hour, second.hour) = (hour + 2, hour + 2);
        refuseTwo(abi.encodeWithSelector(I.NotEquivocation.selector, id, hour + 2));
        second.operator = id;
        second.hour = hour + 1;
        refuseTwo(abi.encodeWithSelector(I.NotEquivocation.selector, id, hour + 2));
    }

    function test_equivocation_refusesStrangers() public {
        afterHour(hour);
        bytes memory good = signed(first);
        bytes memory forged = signature(malloryKey, archive.rootDigest(second));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, mallory));
        archive.convictEquivocation(first, good, second, forged, mallory);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, mallory));
        archive.convictEquivocation(second, forged, first, good, mallory);
    }

    function test_equivocation_whileTheHourCounts() public {
        uint256 end = (uint256(hour) + 1) * 3_600;
        vm.warp(end - 1);
        refuseTwo(abi.encodeWithSelector(I.HourNotOver.selector, hour, end));
        vm.warp(end + ARCHIVE_AGE);
        refuseTwo(abi.encodeWithSelector(A.EvidenceExpired.selector, end + ARCHIVE_AGE));
        vm.warp(end + ARCHIVE_AGE - 1);
        eq(equivocate(), LIABILITY, "in the last second");
    }

    function test_equivocation_isNotUsedUpForNothing() public {
        vm.prank(alice);
        staking.thaw(id, SERVICE, STAKE);
        afterHour(hour);
        vm.prank(alice);
        staking.withdraw(id, SERVICE);
        refuseTwo(abi.encodeWithSelector(A.NothingAtStake.selector, id));
        eq(archive.convictedUpTo(faultOf()), 0, "not used up");
        vm.prank(alice);
        staking.stake(id, SERVICE, STAKE);
        eq(equivocate(), LIABILITY, "later");
    }

    // --- omission ---

    function test_omission_costsTheReceiptsLiability() public {
        afterHour(hour);
        I.Absence memory absence = absenceAt(tens(5), 2);
        bytes32 rid = receiptHash(taken);
        (bytes memory a, bytes memory b) = (signed(taken), signed(first));
        vm.expectEmit();
        emit I.Omitted(id, bob, 1984, 3, hour, MISSING);
        vm.expectEmit();
        emit A.Convicted(id, rid, LIABILITY, LIABILITY, bob, LIABILITY / 10);
        vm.prank(mallory);
        eq(archive.convictOmission(taken, a, first, b, absence), LIABILITY, "slashed");
        eq(token.balanceOf(bob), WEALTH + LIABILITY / 10, "a tenth to the client, whoever sent it");
        eq(token.balanceOf(BURNED), LIABILITY - LIABILITY / 10, "the rest burned");
        ok(archive.isConvicted(rid), "kept");
        refuseOmission(absence, abi.encodeWithSelector(A.AlreadyConvicted.selector, rid));
    }

    function test_omission_ofTwoReceiptsByOneRoot() public {
        afterHour(hour);
        omit(absenceAt(tens(5), 2));
        taken.messageHash = bytes32(uint256(11));
        eq(omit(absenceAt(tens(5), 1)), LIABILITY, "each message for itself");
    }

    function test_omission_refusesAnotherHourShardClusterOrOperator() public {
        afterHour(hour + 1);
        I.Absence memory absence = absenceAt(tens(5), 2);
        taken.hour = hour + 1;
        refuseOmission(absence, abi.encodeWithSelector(I.NotSameHour.selector, hour + 1, hour));
        bytes memory not = abi.encodeWithSelector(I.NotSameHour.selector, hour, hour);
        (taken.hour, taken.shard) = (hour, 4);
        refuseOmission(absence, not);
        (taken.shard, taken.cluster) = (3, 1);
        refuseOmission(absence, not);
        taken.cluster = 1984;
        uint32 other = provisioned(bob, node, STAKE);
        afterHour(hour + 3);
        (first.hour, taken.hour, taken.operator) = (hour + 3, hour + 3, other);
        refuseOmission(absence, abi.encodeWithSelector(I.NotSameHour.selector, hour + 3, hour + 3));
    }

    function test_omission_refusesProofsThatShowNothing() public {
        afterHour(hour);
        bytes memory not = abi.encodeWithSelector(I.NotAbsent.selector, MISSING, first.root);
        refuseOmission(absenceAt(tens(5), 1), not); // not its neighbours
        refuseOmission(absenceAt(tens(5), 3), not);
        refuseOmission(absenceAt(tens(6), 2), not); // of another archive
        I.Absence memory tooFar = absenceAt(tens(5), 2);
        tooFar.index = 6;
        refuseOmission(tooFar, not);
    }

    function test_omission_refusesStrangersAndOtherTimes() public {
        afterHour(hour);
        I.Absence memory absence = absenceAt(tens(5), 2);
        bytes memory forgedReceipt = signature(malloryKey, archive.messageReceiptDigest(taken));
        bytes memory forgedRoot = signature(malloryKey, archive.rootDigest(first));
        (bytes memory goodReceipt, bytes memory goodRoot) = (signed(taken), signed(first));
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, mallory));
        archive.convictOmission(taken, forgedReceipt, first, goodRoot, absence);
        vm.expectRevert(abi.encodeWithSelector(A.NotItsKey.selector, id, mallory));
        archive.convictOmission(taken, goodReceipt, first, forgedRoot, absence);
        uint256 end = (uint256(hour) + 1) * 3_600;
        vm.warp(end - 1);
        refuseOmission(absence, abi.encodeWithSelector(I.HourNotOver.selector, hour, end));
        vm.warp(end + ARCHIVE_AGE);
        refuseOmission(absence, abi.encodeWithSelector(A.EvidenceExpired.selector, end + ARCHIVE_AGE));
    }

    function receiptHash(I.MessageReceipt memory r) private pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    keccak256(
                        "MessageReceipt(uint32 operator,address client,uint16 cluster,uint16 shard,uint64 hour,bytes32 messageHash,uint128 liability)"
                    ),
                    r
                )
            );
    }

    // --- absence ---

    function testFuzz_isAbsent_showsWhatIsMissing(uint8 count, uint256 missing) public view {
        uint256 size = within(count, 0, 40);
        missing = within(missing, 0, size * 10 + 15);
        bytes32[] memory hashes = tens(size);
        bytes32 root = archiveRoot(hour, hashes).root;
        uint256 smaller = missing / 10 > size ? size : missing / 10;
        bool there = missing % 10 == 0 && missing != 0 && missing / 10 <= size;
        for (uint256 index = 0; index <= size; ++index) {
            bool shown = archive.isAbsent(root, uint32(size), bytes32(missing), absenceAt(hashes, index));
            ok(shown == (!there && index == smaller), "only what is missing, only in its place");
        }
    }

    function test_isAbsent_showsNothingBesideAnEmptyArchive() public view {
        I.Absence memory nothing = absenceAt(tens(0), 0);
        ok(archive.isAbsent(bytes32(0), 0, MISSING, nothing), "in the only place");
        nothing.index = 1;
        ok(!archive.isAbsent(bytes32(0), 0, MISSING, nothing), "not in a second");
    }

    function test_isAbsent_countIsPartOfWhatIsSigned() public view {
        bytes32[] memory hashes = tens(8);
        bytes32 root = archiveRoot(hour, hashes).root;
        I.Absence memory last = absenceAt(hashes, 8);
        bytes32 beyond = bytes32(uint256(81));
        ok(archive.isAbsent(root, 8, beyond, last), "beyond the last of 8");
        ok(!archive.isAbsent(root, 9, beyond, last), "of 9 there would be another");
        last.index = 4;
        ok(!archive.isAbsent(root, 4, beyond, last), "and number 7 is not one of 4");
    }
}
