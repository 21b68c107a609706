// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ArchiveCourt} from "../../../contracts/courts/ArchiveCourt.sol";
import {RetrievalCourt} from "../../../contracts/courts/RetrievalCourt.sol";
import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {IRetrievalCourt} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {Fixture} from "./Fixture.sol";
import {Trees} from "./Trees.sol";

/// @dev Both courts, with the parameters of a local network, over the real staking: alice owns an operator with 100 TEA behind
/// its promises, bob is the client it promises to.
abstract contract CourtFixture is Fixture {
    uint32 internal constant SERVICE = 1;
    uint40 internal constant WINDOW = 20;
    uint40 internal constant NOTICE_DELAY = 30;
    uint40 internal constant MAX_TERM = 200;
    uint16 internal constant REWARD_BPS = 1_000;
    uint16 internal constant PENALTY_BPS = 500;
    uint40 internal constant ARCHIVE_AGE = 10_000;
    uint128 internal constant STAKE = 100 * TEA;
    uint128 internal constant LIABILITY = 20 * TEA;
    uint256 internal constant BASE_FEE = 10 gwei;
    /// @dev Five leaves, the last of 76 bytes.
    uint256 internal constant SIZE = 1_100;

    RetrievalCourt internal court;
    ArchiveCourt internal archive;
    uint32 internal id;
    address internal node;
    uint256 internal nodeKey;
    bytes[] internal leaves;

    function setUp() public virtual override {
        super.setUp();
        (node, nodeKey) = account("node");
        leaves = Trees.cut(Trees.content(SIZE));
        useCourts();
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) vm.deal(people[i], 100 ether);
        vm.fee(BASE_FEE);
        skip(10);
    }

    /// @dev Courts over the staking of now.
    function useCourts() internal {
        court = new RetrievalCourt(staking, courtParams());
        archive = new ArchiveCourt(staking, ARCHIVE_AGE, REWARD_BPS);
        id = provisioned(alice, node, STAKE);
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) {
            vm.prank(people[i]);
            token.approve(address(court), type(uint256).max);
        }
    }

    function courtParams() internal pure returns (IRetrievalCourt.Params memory) {
        return
            IRetrievalCourt.Params({
                window: WINDOW,
                noticeDelay: NOTICE_DELAY,
                maxTerm: MAX_TERM,
                rewardBps: REWARD_BPS,
                penaltyBps: PENALTY_BPS
            });
    }

    /// @dev An operator of `owner` with `amount` behind its promises, which accepts both courts.
    function provisioned(address owner, address node_, uint128 amount) internal returns (uint32 operatorId) {
        vm.startPrank(owner);
        operatorId = staking.createOperator(node_, owner, address(0));
        staking.setAdjudicator(operatorId, SERVICE, address(court), true);
        staking.setAdjudicator(operatorId, SERVICE, address(archive), true);
        staking.stake(operatorId, SERVICE, amount);
        vm.stopPrank();
    }

    // --- storage receipts ---

    function receipt() internal view returns (IRetrievalCourt.Receipt memory) {
        return
            IRetrievalCourt.Receipt({
                operator: id,
                client: bob,
                root: Trees.root(leaves),
                size: uint64(SIZE),
                from: uint40(block.timestamp),
                until: uint40(block.timestamp) + MAX_TERM,
                liability: LIABILITY,
                slot: 0
            });
    }

    function signed(IRetrievalCourt.Receipt memory r) internal view returns (bytes memory) {
        return signature(nodeKey, court.receiptDigest(r));
    }

    function challenge(IRetrievalCourt.Receipt memory r) internal returns (bytes32 rid) {
        bytes memory sig = signed(r);
        uint256 bond = court.bondFor(r.size);
        vm.prank(r.client);
        return court.challenge{value: bond}(r, sig);
    }

    /// @dev To the block from which a challenge opened now can be drawn.
    function toDraw() internal {
        vm.roll(block.number + 3);
        skip(3);
    }

    function challengeAndDraw(IRetrievalCourt.Receipt memory r) internal returns (uint56 index) {
        challenge(r);
        toDraw();
        return court.draw(r);
    }

    function answer(IRetrievalCourt.Receipt memory r, uint56 index) internal {
        court.answer(r, leaves[index], Trees.path(leaves, index));
    }

    /// @dev A challenge that nobody answers, up to the second in which it can be convicted.
    function challengeInVain(IRetrievalCourt.Receipt memory r) internal {
        challengeAndDraw(r);
        skip(WINDOW + 1);
    }

    function stageOf(IRetrievalCourt.Receipt memory r) internal view returns (uint256) {
        return uint256(court.caseOf(court.receiptId(r)).stage);
    }

    // --- archives ---

    function thisHour() internal view returns (uint64) {
        return uint64(block.timestamp / 3_600);
    }

    /// @dev To the first second of the next hour; returns that hour, of which all is ahead.
    function toNextHour() internal returns (uint64 hour) {
        hour = thisHour() + 1;
        vm.warp(uint256(hour) * 3_600);
    }

    function afterHour(uint64 hour) internal {
        vm.warp((uint256(hour) + 1) * 3_600);
    }

    function archiveRoot(
        uint64 hour,
        bytes32[] memory hashes
    ) internal view returns (IArchiveCourt.ArchiveRoot memory) {
        return
            IArchiveCourt.ArchiveRoot({
                operator: id,
                cluster: 1984,
                shard: 3,
                hour: hour,
                count: uint32(hashes.length),
                root: hashes.length == 0 ? bytes32(0) : Trees.root(asLeaves(hashes)),
                liability: LIABILITY
            });
    }

    function messageReceipt(
        uint64 hour,
        bytes32 messageHash
    ) internal view returns (IArchiveCourt.MessageReceipt memory) {
        return
            IArchiveCourt.MessageReceipt({
                operator: id,
                client: bob,
                cluster: 1984,
                shard: 3,
                hour: hour,
                messageHash: messageHash,
                liability: LIABILITY
            });
    }

    function signed(IArchiveCourt.ArchiveRoot memory r) internal view returns (bytes memory) {
        return signature(nodeKey, archive.rootDigest(r));
    }

    function signed(IArchiveCourt.MessageReceipt memory r) internal view returns (bytes memory) {
        return signature(nodeKey, archive.messageReceiptDigest(r));
    }

    /// @dev That `missing` would be number `index` of the sorted `hashes`.
    function absenceAt(
        bytes32[] memory hashes,
        uint256 index
    ) internal pure returns (IArchiveCourt.Absence memory a) {
        bytes[] memory data = asLeaves(hashes);
        a.index = uint32(index);
        if (index > 0) (a.left, a.leftPath) = (hashes[index - 1], Trees.path(data, index - 1));
        if (index < hashes.length) (a.right, a.rightPath) = (hashes[index], Trees.path(data, index));
    }

    /// @dev Hashes 10, 20, 30, …
    function tens(uint256 count) internal pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](count);
        for (uint256 i = 0; i < count; ++i) hashes[i] = bytes32((i + 1) * 10);
    }

    function asLeaves(bytes32[] memory hashes) internal pure returns (bytes[] memory data) {
        data = new bytes[](hashes.length);
        for (uint256 i = 0; i < hashes.length; ++i) data[i] = abi.encodePacked(hashes[i]);
    }
}
