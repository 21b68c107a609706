// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ArchiveCourt} from "../../../contracts/courts/ArchiveCourt.sol";
import {RetrievalCourt} from "../../../contracts/courts/RetrievalCourt.sol";
import {IArchiveCourt} from "../../../contracts/interfaces/IArchiveCourt.sol";
import {IProvisions} from "../../../contracts/interfaces/IProvisions.sol";
import {IRetrievalCourt as I} from "../../../contracts/interfaces/IRetrievalCourt.sol";
import {OperatorStaking} from "../../../contracts/staking/OperatorStaking.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {Trees} from "../support/Trees.sol";
import {Walk} from "../support/Walk.sol";

/// @dev Each actor owns an operator, is its node, and is a client of the others. Some take no native coin.
contract CourtsHandler is Handler {
    uint32 private constant SERVICE = 1;
    uint40 private constant WINDOW = 20;
    uint256 private constant SIZE = 700;
    uint256 private constant MOST_RECEIPTS = 40;
    bytes private constant REFUSING = hex"60006000fd";

    OperatorStaking public immutable staking;
    RetrievalCourt public immutable court;
    ArchiveCourt public immutable archive;

    I.Receipt[] private receipts;
    mapping(bytes32 id => bool) private promised;
    bytes[] private leaves;
    mapping(bytes32 id => uint256) public convictions;
    mapping(uint32 id => uint256) public put;
    mapping(uint32 id => uint256) public left;
    mapping(uint32 id => uint256) public slashed;
    uint256 public bondsIn;
    uint256 public bondsOut;
    uint256 private waiting;

    constructor(
        DenyToken token_,
        OperatorStaking staking_,
        RetrievalCourt court_,
        ArchiveCourt archive_
    ) Handler(token_) {
        (staking, court, archive) = (staking_, court_, archive_);
        approveAll(address(staking_));
        approveAll(address(court_));
        leaves = Trees.cut(Trees.content(SIZE));
        for (uint256 i = 0; i < ACTORS; ++i) {
            vm.startPrank(actors[i]);
            uint32 id = staking_.createOperator(actors[i], actors[i], address(0));
            staking_.setAdjudicator(id, SERVICE, address(court_), true);
            staking_.setAdjudicator(id, SERVICE, address(archive_), true);
            vm.stopPrank();
            stakeFor(id, 1e9);
        }
    }

    // --- stake ---

    function stake(uint256 id, uint128 amount) external {
        stakeFor(operatorId(id), uint128(within(amount, 1, 1e9)));
    }

    function thaw(uint256 seed, uint128 amount) external {
        uint32 id = operatorId(seed);
        IProvisions.Provision memory p = staking.provision(id, SERVICE);
        if (p.tokens == p.thawing || p.thawing != 0) return;
        vm.prank(actor(seed));
        staking.thaw(id, SERVICE, uint128(within(amount, 1, p.tokens - p.thawing)));
    }

    function withdraw(uint256 seed) external {
        uint32 id = operatorId(seed);
        IProvisions.Provision memory p = staking.provision(id, SERVICE);
        if (p.thawing == 0 || block.timestamp < p.thawedAt) return;
        left[id] += staking.withdraw(id, SERVICE);
    }

    // --- receipts ---

    function give(uint256 seed, uint256 client, uint128 liability, uint32 slot) external {
        if (receipts.length == MOST_RECEIPTS) return;
        uint40 now_ = uint40(block.timestamp);
        I.Receipt memory r = I.Receipt({
            operator: operatorId(seed),
            client: actor(client),
            root: Trees.root(leaves),
            size: uint64(SIZE),
            from: now_,
            until: now_ + 200,
            liability: uint128(within(liability, 1, 3e9)),
            slot: slot % 4
        });
        bytes32 id = court.receiptId(r);
        if (promised[id]) return;
        promised[id] = true;
        receipts.push(r);
    }

    function ask(uint256 seed, uint96 bond) public {
        (I.Receipt memory r, I.Case memory c) = pick(seed);
        uint256 end = c.endsAt == 0 ? r.until : c.endsAt;
        if (r.size == 0 || c.stage != I.Stage.Quiet || block.timestamp >= end) return;
        bond = uint96(within(bond, 0, 1 ether));
        bytes memory sig = signed(r);
        vm.deal(r.client, bond);
        vm.prank(r.client);
        court.challenge{value: bond}(r, sig);
        bondsIn += bond;
    }

    function drawIt(uint256 seed) public {
        (I.Receipt memory r, I.Case memory c) = pick(seed);
        if (c.stage != I.Stage.Open || block.number <= c.drawBlock || lapsed(c)) return;
        court.draw(r);
    }

    function askAndDraw(uint256 seed, uint96 bond) external {
        ask(seed, bond);
        vm.roll(block.number + 3);
        drawIt(seed);
    }

    function lapse(uint256 seed) external {
        (I.Receipt memory r, I.Case memory c) = pick(seed);
        if (c.stage != I.Stage.Open) return;
        if (!lapsed(c)) vm.warp(c.deadline + 1);
        remember(c.payer);
        court.lapse(r);
        settled(c.payer, c.bond);
    }

    function answer(uint256 seed) external {
        (I.Receipt memory r, I.Case memory c) = pick(seed);
        if (c.stage != I.Stage.Drawn || block.timestamp > c.deadline) return;
        address node = staking.operator(r.operator).node;
        remember(node);
        court.answer(r, leaves[c.index], Trees.path(leaves, c.index));
        settled(node, c.bond);
    }

    function convict(uint256 seed) external {
        (I.Receipt memory r, I.Case memory c) = pick(seed);
        if (c.stage != I.Stage.Drawn) return;
        if (block.timestamp <= c.deadline) vm.warp(c.deadline + 1);
        remember(c.payer);
        uint128 taken = court.convict(r);
        settled(c.payer, c.bond);
        book(r, taken);
    }

    function convictPledgedTwice(uint256 one, uint256 other) external {
        (I.Receipt memory a, I.Case memory ca) = pick(one);
        (I.Receipt memory b, I.Case memory cb) = pick(other);
        if (ca.stage == I.Stage.Convicted || cb.stage == I.Stage.Convicted) return;
        if (!meet(a, ca, b, cb) || staking.provision(a.operator, SERVICE).tokens == 0) return;
        (bytes memory aSig, bytes memory bSig) = (signed(a), signed(b));
        uint128 taken = court.convictPledgedTwice(a, aSig, b, bSig, actor(one));
        ok(taken <= uint256(a.liability) + b.liability, "slashed <= both liabilities");
        ++convictions[court.receiptId(a)];
        ++convictions[court.receiptId(b)];
        slashed[a.operator] += taken;
    }

    function giveNotice(uint256 seed) external {
        (I.Receipt memory r, I.Case memory c) = pick(seed);
        if (r.size == 0 || c.stage == I.Stage.Convicted || c.endsAt != 0) return;
        if (block.timestamp + 50 >= r.until) return;
        address owner = staking.operator(r.operator).owner;
        vm.prank(owner);
        court.giveNotice(r);
    }

    // --- archives ---

    function equivocate(uint256 seed, uint128 liability, uint8 back) external {
        uint32 id = operatorId(seed);
        if (staking.provision(id, SERVICE).tokens == 0) return;
        uint64 hour = uint64(block.timestamp / 3_600) - 1 - (back % 2);
        (uint40 from, ) = staking.nodeKeySpan(id, actor(seed));
        if (uint256(hour) * 3_600 < from) return;
        liability = uint128(within(liability, 1, 3e9));
        bytes32 fault = keccak256(abi.encode(id, actor(seed), uint16(1), uint16(2), hour));
        uint128 before = archive.convictedUpTo(fault);
        if (liability <= before) return;
        uint128 taken = convictRoots(
            IArchiveCourt.ArchiveRoot(id, 1, 2, hour, 0, 0, liability),
            IArchiveCourt.ArchiveRoot(id, 1, 2, hour, 1, 0, 0),
            keys[seed % ACTORS]
        );
        ok(taken <= liability - before, "slashed <= liability, less what was taken before");
        slashed[id] += taken;
    }

    function convictRoots(
        IArchiveCourt.ArchiveRoot memory a,
        IArchiveCourt.ArchiveRoot memory b,
        uint256 key
    ) private returns (uint128) {
        bytes memory aSig = signature(key, archive.rootDigest(a));
        bytes memory bSig = signature(key, archive.rootDigest(b));
        return archive.convictEquivocation(a, aSig, b, bSig, actors[0]);
    }

    // --- coin ---

    function toggleCoin(uint256 seed) external {
        address who = actor(seed);
        vm.etch(who, who.code.length == 0 ? REFUSING : bytes(""));
    }

    function claimNative(uint256 seed) external {
        address who = actor(seed);
        if (court.claimableNative(who) == 0 || who.code.length != 0) return;
        bondsOut += court.claimNative(who);
    }

    function passBlocks(uint16 blocks) external {
        skip(within(blocks, 0, 12));
        vm.roll(block.number + within(blocks, 0, 300));
    }

    // --- reads ---

    function total() external view returns (uint256) {
        return receipts.length;
    }

    function caseAt(uint256 i) external view returns (bytes32 id, I.Case memory c) {
        id = court.receiptId(receipts[i]);
        c = court.caseOf(id);
    }

    function actorAt(uint256 i) external view returns (address) {
        return actors[i];
    }

    function remaining(uint32 id) external view returns (uint256) {
        return staking.provision(id, SERVICE).tokens;
    }

    // --- internals ---

    /// @dev Call it before a bond is paid out.
    function remember(address to) private {
        waiting = court.claimableNative(to);
    }

    function settled(address to, uint256 bond) private {
        if (court.claimableNative(to) == waiting) bondsOut += bond;
        else eq(court.claimableNative(to), waiting + bond, "a refused bond waits");
    }

    function book(I.Receipt memory r, uint128 taken) private {
        ok(taken <= r.liability, "slashed <= liability");
        ++convictions[court.receiptId(r)];
        slashed[r.operator] += taken;
    }

    function meet(
        I.Receipt memory a,
        I.Case memory ca,
        I.Receipt memory b,
        I.Case memory cb
    ) private view returns (bool) {
        if (a.size == 0 || b.size == 0 || a.operator != b.operator) return false;
        if (court.receiptId(a) == court.receiptId(b)) return false;
        if (block.timestamp >= a.until && block.timestamp >= b.until) return false;
        uint256 aEnd = ca.endsAt == 0 ? a.until : ca.endsAt;
        uint256 bEnd = cb.endsAt == 0 ? b.until : cb.endsAt;
        return a.slot == b.slot && a.from < bEnd && b.from < aEnd;
    }

    function lapsed(I.Case memory c) private view returns (bool) {
        return block.number > uint256(c.drawBlock) + 256 || block.timestamp > c.deadline;
    }

    function pick(uint256 seed) private view returns (I.Receipt memory r, I.Case memory c) {
        if (receipts.length == 0) return (r, c);
        r = receipts[seed % receipts.length];
        c = court.caseOf(court.receiptId(r));
    }

    function signed(I.Receipt memory r) private view returns (bytes memory) {
        return signature(keys[r.operator - 1], court.receiptDigest(r));
    }

    function stakeFor(uint32 id, uint128 amount) private {
        vm.prank(actors[id - 1]);
        staking.stake(id, SERVICE, amount);
        put[id] += amount;
    }

    function operatorId(uint256 seed) private pure returns (uint32) {
        return uint32(seed % ACTORS) + 1;
    }
}

contract CourtsInvariants is Walk {
    RetrievalCourt private court;
    CourtsHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        vm.roll(1_000);
        DenyToken token = new DenyToken();
        OperatorStaking staking = new OperatorStaking(token, 100e6, 300, 2_400, 3_000);
        court = new RetrievalCourt(staking, I.Params(20, 30, 200, 1_000, 500));
        ArchiveCourt archive = new ArchiveCourt(staking, 10_000, 1_000);
        handler = new CourtsHandler(token, staking, court, archive);
        walkOver(handler);
        skip(7_200);
    }

    /// After every call.
    function invariant_holds() public view {
        if (isCounted()) sums();
    }

    /// After every walk.
    function afterInvariant() public view {
        sums();
    }

    function sums() private view {
        coinHeldIsWhatIsOwed();
        aReceiptIsConvictedOnce();
        slashedIsAtMostTheStake();
    }

    function coinHeldIsWhatIsOwed() private view {
        uint256 owed;
        for (uint256 i = 0; i < handler.total(); ++i) {
            (, I.Case memory c) = handler.caseAt(i);
            bool runs = c.stage == I.Stage.Open || c.stage == I.Stage.Drawn;
            ok(runs || c.bond == 0, "no bond outside a challenge");
            owed += c.bond;
        }
        for (uint256 i = 0; i < handler.count(); ++i) owed += court.claimableNative(handler.actorAt(i));
        eq(address(court).balance, owed, "held = bonds of open challenges + claimable");
        eq(handler.bondsIn(), handler.bondsOut() + owed, "bonds brought = bonds paid out + owed");
    }

    function aReceiptIsConvictedOnce() private view {
        for (uint256 i = 0; i < handler.total(); ++i) {
            (bytes32 id, I.Case memory c) = handler.caseAt(i);
            uint256 times = handler.convictions(id);
            eq(times, c.stage == I.Stage.Convicted ? 1 : 0, "convicted once, if ever");
        }
    }

    function slashedIsAtMostTheStake() private view {
        for (uint32 id = 1; id <= handler.count(); ++id) {
            uint256 gone = handler.slashed(id) + handler.left(id);
            eq(handler.put(id), gone + handler.remaining(id), "staked = slashed + withdrawn + remaining");
        }
    }
}
