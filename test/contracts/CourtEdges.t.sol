// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {MerklePath} from "../../contracts/courts/MerklePath.sol";
import {IAdjudicator as A} from "../../contracts/interfaces/IAdjudicator.sol";
import {IArchiveCourt} from "../../contracts/interfaces/IArchiveCourt.sol";
import {IRetrievalCourt as I} from "../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "./support/CourtFixture.sol";
import {TypedData} from "./support/TypedData.sol";

/// What both courts sign, keep and say at the edges of their ranges.
contract CourtEdgesTest is CourtFixture, TypedData {
    // --- ArchiveCourt ---

    function test_archiveRoot_isSignedAsEip712Says() public view {
        IArchiveCourt.ArchiveRoot memory r = archiveRoot(7, tens(5));
        bytes32 typehash = keccak256(
            "ArchiveRoot(uint32 operator,uint16 cluster,uint16 shard,uint64 hour,uint32 count,bytes32 root,uint128 liability)"
        );
        bytes32 domain = domainOf("Teahouse ArchiveCourt", address(archive));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(typehash, r))));
        eq(archive.rootDigest(r), digest, "digest");
    }

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
