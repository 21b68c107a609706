// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {MerklePath} from "../../contracts/courts/MerklePath.sol";
import {IAdjudicator as A} from "../../contracts/interfaces/IAdjudicator.sol";
import {IArchiveCourt} from "../../contracts/interfaces/IArchiveCourt.sol";
import {IRetrievalCourt as I} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {Trees} from "./support/Trees.sol";

/// What both courts keep and say at the edges of their ranges.
contract CourtEdgesTest is CourtFixture {
    // --- ArchiveCourt ---

    function test_equivocation_byAnotherRootOfAsManyMessages() public {
        IArchiveCourt.ArchiveRoot memory first = archiveRoot(toNextHour(), tens(5));
        IArchiveCourt.ArchiveRoot memory second = archiveRoot(first.hour, tens(5));
        second.root = bytes32(uint256(1));
        afterHour(first.hour);
        uint128 slashed = archive.convictEquivocation(first, signed(first), second, signed(second), mallory);
        eq(slashed, LIABILITY, "the count alone is no agreement");
    }

    function test_equivocation_keepsTheLargestLiabilityNotTheSum() public {
        IArchiveCourt.ArchiveRoot memory first = archiveRoot(toNextHour(), tens(5));
        IArchiveCourt.ArchiveRoot memory second = archiveRoot(first.hour, tens(6));
        afterHour(first.hour);
        (first.liability, second.liability) = (5, 5);
        archive.convictEquivocation(first, signed(first), second, signed(second), mallory);
        (first.liability, second.liability) = (8, 8);
        archive.convictEquivocation(first, signed(first), second, signed(second), mallory);
        bytes32 fault = keccak256(abi.encode(id, node, uint16(1984), uint16(3), first.hour));
        eq(archive.convictedUpTo(fault), 8, "the larger");
    }

    function test_evidence_ofAKeyThatWasReplacedWhenTheHourEnded() public {
        IArchiveCourt.ArchiveRoot memory first = archiveRoot(toNextHour(), tens(5));
        IArchiveCourt.ArchiveRoot memory second = archiveRoot(first.hour, tens(6));
        (bytes memory a, bytes memory b) = (signed(first), signed(second));
        afterHour(first.hour);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        eq(archive.convictEquivocation(first, a, second, b, mallory), LIABILITY, "its key all of the hour");
    }

    // --- RetrievalCourt ---

    function test_receipt_holdsByTheKeyOfItsFirstSecond() public {
        I.Receipt memory r = receipt();
        bytes memory sig = signed(r);
        skip(1);
        vm.prank(alice);
        staking.setKeys(id, carol, alice);
        uint256 bond = court.bondFor(r.size);
        vm.prank(bob);
        court.challenge{value: bond}(r, sig);
    }

    function test_isLeaf_ofEveryLeafTheLastOneShort() public view {
        for (uint64 i = 0; i < leaves.length; ++i) {
            ok(court.isLeaf(Trees.root(leaves), uint64(SIZE), i, leaves[i], Trees.path(leaves, i)), "leaf");
        }
    }

    function test_pledgedTwice_oneSlotWhateverItsSize() public {
        (I.Receipt memory a, I.Receipt memory b) = (receipt(), receipt());
        (a.slot, a.liability) = (1, 10 * TEA); // 10 until 20
        (b.slot, b.liability) = (1, 30 * TEA); // 30 until 60
        uint128 slashed = court.convictPledgedTwice(a, signed(a), b, signed(b), mallory);
        eq(slashed, 40 * TEA, "both");
    }

    function test_pledgedTwice_aPartWithinAnother() public {
        (I.Receipt memory a, I.Receipt memory b) = (receipt(), receipt());
        (a.slot, a.liability) = (1, 20 * TEA); // 20 until 40
        (b.slot, b.liability) = (3, 10 * TEA); // 30 until 40
        uint128 slashed = court.convictPledgedTwice(a, signed(a), b, signed(b), mallory);
        eq(slashed, 30 * TEA, "both");
    }

    function test_convicted_saysWhatWasPromisedAndWhatWasTaken() public {
        I.Receipt memory r = receipt();
        r.liability = 3 * STAKE;
        challengeInVain(r);
        vm.expectEmit();
        emit A.Convicted(id, court.receiptId(r), 3 * STAKE, STAKE, bob, STAKE / 10);
        court.convict(r);
    }

    function test_pledgedTwice_countsNoMoreThanAnAmountHolds() public {
        (I.Receipt memory a, I.Receipt memory b) = (receipt(), receipt());
        (a.liability, b.liability, b.client) = (type(uint128).max, type(uint128).max, carol);
        (bytes memory aSig, bytes memory bSig) = (signed(a), signed(b));
        vm.expectEmit();
        emit A.Convicted(id, court.receiptId(a), type(uint128).max, STAKE, mallory, STAKE / 10);
        court.convictPledgedTwice(a, aSig, b, bSig, mallory);
    }

    function test_case_keepsNothingOfABondThatWasPaid() public {
        I.Receipt memory r = receipt();
        answer(r, challengeAndDraw(r));
        I.Case memory c = court.caseOf(court.receiptId(r));
        eq(c.payer, address(0), "no payer");
        eq(c.bond, 0, "no bond");
    }

    function test_isCovered_untilTheEndOfTime() public {
        vm.warp(type(uint40).max - STAKE_THAW);
        I.Receipt memory r = receipt();
        r.until = type(uint40).max - 3 * WINDOW;
        ok(court.isCovered(r), "settled in the last second there is");
        r.until += 1;
        ok(!court.isCovered(r), "but not after it");
    }

    // --- MerklePath ---

    function leafOf(bytes calldata data) external pure returns (bytes32) {
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(mload(0x40), not(0))
        }
        return MerklePath.hashLeaf(data);
    }

    function test_hashLeaf_whateverLiesInMemory() public view {
        bytes32 data = keccak256("data");
        bytes32 expected = keccak256(abi.encodePacked(hex"00", data));
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            mstore(0, not(0))
        }
        eq(MerklePath.hashLeaf(data), expected, "of a word");
        eq(this.leafOf(abi.encodePacked(data)), expected, "of bytes");
    }
}
