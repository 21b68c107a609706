// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {CourtFixture} from "../support/CourtFixture.sol";
import {Trees} from "../support/Trees.sol";

/// @dev Whole transactions for content of 1 MiB: 4,096 leaves, 12 levels. Kept in snapshots/ and compared in CI.
contract CourtsGasTest is CourtFixture {
    uint256 private constant LEAVES = 4_096;

    bytes32[] private path;
    bytes private leaf;
    bytes32 private root;

    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        token.transfer(BURNED, 1);
        vm.deal(node, 1 ether);
        leaf = Trees.content(256);
        // Every leaf alike: a tree of which one path is enough.
        root = keccak256(abi.encodePacked(bytes1(0x00), leaf));
        for (uint256 n = LEAVES; n > 1; n /= 2) {
            path.push(root);
            root = keccak256(abi.encodePacked(bytes1(0x01), root, root));
        }
    }

    function big(uint32 slot) private view returns (I.Receipt memory r) {
        r = receipt();
        (r.root, r.size, r.slot) = (root, uint64(LEAVES * 256), slot);
    }

    function snap(string memory group, string memory name) private {
        vm.snapshotGasLastCall(group, name);
    }

    function open(I.Receipt memory r) private {
        bytes memory sig = signed(r);
        vm.prank(bob);
        court.challenge{value: 1 ether}(r, sig);
    }

    function test_gas_answered() public {
        I.Receipt memory r = big(0);
        open(r);
        snap("RetrievalCourt", "challenge");
        toDraw();
        court.draw(r);
        snap("RetrievalCourt", "draw");
        (bytes memory data, bytes32[] memory siblings) = (leaf, path);
        vm.prank(node);
        court.answer(r, data, siblings);
        snap("RetrievalCourt", "answer (4096 leaves)");

        open(r);
        snap("RetrievalCourt", "challenge again");
        toDraw();
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(court.draw, (r));
        calls[1] = abi.encodeCall(court.answer, (r, data, siblings));
        vm.prank(node);
        court.multicall(calls);
        uint256 gas = vm.snapshotGasLastCall("RetrievalCourt", "draw and answer (4096 leaves)");
        uint256 counted = court.bondFor(r.size) / BASE_FEE / 3;
        ok(gas <= counted && counted < gas + 20_000, "the bond counts what an answer takes");
    }

    function test_gas_unanswered() public {
        I.Receipt memory r = big(0);
        challengeInVain(r);
        court.convict(r);
        snap("RetrievalCourt", "convict");
    }

    function test_gas_lapsed() public {
        I.Receipt memory r = big(0);
        open(r);
        skip(WINDOW + 1);
        court.lapse(r);
        snap("RetrievalCourt", "lapse");
    }

    function test_gas_pledges() public {
        (I.Receipt memory r, I.Receipt memory s) = (big(0), big(1));
        vm.prank(alice);
        court.giveNotice(r);
        snap("RetrievalCourt", "giveNotice");
        s.slot = 0;
        s.client = carol;
        (bytes memory rSig, bytes memory sSig) = (signed(r), signed(s));
        court.convictPledgedTwice(r, rSig, s, sSig, mallory);
        snap("RetrievalCourt", "convictPledgedTwice");
    }

    function test_gas_equivocation() public {
        uint64 hour = toNextHour();
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(64));
        IArchiveCourt.ArchiveRoot memory two = archiveRoot(hour, tens(65));
        (bytes memory a, bytes memory b) = (signed(one), signed(two));
        afterHour(hour);
        archive.convictEquivocation(one, a, two, b, mallory);
        snap("ArchiveCourt", "convictEquivocation");
    }

    function test_gas_omission() public {
        uint64 hour = toNextHour();
        IArchiveCourt.ArchiveRoot memory one = archiveRoot(hour, tens(64));
        IArchiveCourt.MessageReceipt memory taken = messageReceipt(hour, bytes32(uint256(325)));
        IArchiveCourt.Absence memory absence = absenceAt(tens(64), 32);
        (bytes memory a, bytes memory b) = (signed(taken), signed(one));
        afterHour(hour);
        archive.convictOmission(taken, a, one, b, absence);
        snap("ArchiveCourt", "convictOmission (64 messages)");
    }
}
