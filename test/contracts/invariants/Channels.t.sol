// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels as I} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {PaymentChannels} from "../../../contracts/payments/PaymentChannels.sol";
import {DenyToken} from "../support/HostileTokens.sol";
import {Handler} from "../support/Handler.sol";
import {Walk} from "../support/Walk.sol";

/// @dev Everybody pays everybody. The ghost ledger notes what was put in, taken out, signed for and received.
contract ChannelsHandler is Handler {
    PaymentChannels public immutable channels;

    mapping(address payer => uint256) public deposited;
    mapping(address payer => uint256) public withdrawn;
    mapping(address payer => uint256) public paid;
    mapping(address payee => uint256) public received;
    /// The most that was signed for each payee, over all payers and epochs.
    mapping(address payee => uint256) public signedFor;
    mapping(address payer => mapping(address payee => mapping(uint64 epoch => uint128))) public highest;
    mapping(address payer => mapping(address payee => uint64)) private lastEpoch;
    mapping(address payer => mapping(address payee => uint128)) private lastCollected;
    I.Allocation[] private pending;
    bytes[] private pendingSignatures;
    mapping(uint256 which => bool) private used;
    bool public miscounted;

    constructor(DenyToken token_, PaymentChannels channels_) Handler(token_) {
        channels = channels_;
        approveAll(address(channels_));
    }

    function deposit(uint256 from, uint256 to, uint128 amount) external {
        amount = uint128(within(amount, 1, 1e9));
        vm.prank(actor(from));
        channels.deposit(actor(to), amount);
        deposited[actor(to)] += amount;
    }

    function withdraw(uint256 who, uint128 amount) external {
        uint256 free = channels.balance(actor(who));
        if (free == 0 || token.denied(actor(who))) return;
        amount = uint128(within(amount, 1, free));
        vm.prank(actor(who));
        channels.withdraw(amount);
        withdrawn[actor(who)] += amount;
    }

    function allocate(uint256 from, uint256 to, uint128 extra) external {
        address payer = actor(from);
        uint128 before = channels.account(payer, actor(to)).allocated;
        uint256 free = channels.balance(payer);
        uint128 total = before + uint128(within(extra, 0, free));
        if (total == 0) return;
        vm.prank(payer);
        channels.allocate(actor(to), total, payer);
    }

    /// Signed by the payer, sent by anybody; `late` leaves it to be sent after other calls.
    function allocateFor(uint256 from, uint256 to, uint128 extra, bool late) external {
        (address payer, address payee) = (actor(from), actor(to));
        I.Account memory a = channels.account(payer, payee);
        uint128 total = a.allocated + uint128(within(extra, 0, channels.balance(payer)));
        if (total == 0) return;
        I.Allocation memory signed = I.Allocation({
            payer: payer,
            payee: payee,
            total: total,
            signer: payer,
            epoch: a.allocated == 0 ? a.epoch + 1 : a.epoch,
            nonce: channels.channelNonce(payer, payee),
            deadline: uint40(block.timestamp) + 3_000
        });
        bytes memory sig = signature(keys[from % ACTORS], channels.allocationDigest(signed));
        if (late) {
            pending.push(signed);
            pendingSignatures.push(sig);
        } else {
            channels.allocateFor(signed, sig);
        }
    }

    /// An allocation that was signed a while ago works, or is refused and changes nothing; whatever happens, never twice.
    function allocateLate(uint256 which) external {
        if (pending.length == 0) return;
        which = which % pending.length;
        I.Allocation memory a = pending[which];
        bytes32 before = keccak256(abi.encode(channels.account(a.payer, a.payee)));
        uint256 free = channels.balance(a.payer);
        try channels.allocateFor(a, pendingSignatures[which]) {
            if (used[which]) miscounted = true;
            used[which] = true;
            if (channels.account(a.payer, a.payee).allocated != a.total) miscounted = true;
        } catch {
            if (keccak256(abi.encode(channels.account(a.payer, a.payee))) != before) miscounted = true;
            if (channels.balance(a.payer) != free) miscounted = true;
        }
    }

    function thaw(uint256 from, uint256 to) external {
        I.Account memory a = channels.account(actor(from), actor(to));
        if (a.signer == address(0) || a.thawingUntil != 0) return;
        vm.prank(actor(from));
        channels.thaw(actor(to));
    }

    function deallocate(uint256 from, uint256 to) external {
        I.Account memory a = channels.account(actor(from), actor(to));
        if (a.thawingUntil == 0 || block.timestamp < a.thawingUntil) return;
        vm.prank(actor(from));
        channels.deallocate(actor(to));
    }

    function collect(uint256 from, uint256 to, uint128 cumulative) external {
        I.Account memory a = channels.account(actor(from), actor(to));
        if (a.allocated == a.collected) return;
        cumulative = uint128(within(cumulative, uint256(a.collected) + 1, uint256(a.allocated) * 2));
        (I.Voucher memory v, bytes memory sig) = signVoucher(from, to, a.epoch, cumulative);
        uint128 part = channels.collect(v, sig);
        note(v, a.collected, part);
    }

    function collectMany(uint256 to, uint128[ACTORS] calldata cumulatives) external {
        I.Voucher[] memory vs = new I.Voucher[](ACTORS);
        bytes[] memory sigs = new bytes[](ACTORS);
        uint128[] memory before = new uint128[](ACTORS);
        for (uint256 i = 0; i < ACTORS; ++i) {
            I.Account memory a = channels.account(actors[i], actor(to));
            before[i] = a.collected;
            uint128 cumulative = uint128(within(cumulatives[i], 0, uint256(a.allocated) + 10));
            (vs[i], sigs[i]) = signVoucher(i, to, a.epoch, cumulative);
        }
        uint256 total = channels.collectMany(vs, sigs);
        for (uint256 i = 0; i < ACTORS; ++i) {
            uint128 part = channels.account(actors[i], actor(to)).collected - before[i];
            note(vs[i], before[i], part);
            total -= part;
        }
        eq(total, 0, "the parts are the whole");
    }

    function collectCompact(uint256 to, uint128[ACTORS] calldata cumulatives) external {
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](ACTORS);
        I.Voucher[] memory vouchers = new I.Voucher[](ACTORS);
        uint128[] memory before = new uint128[](ACTORS);
        for (uint256 i = 0; i < ACTORS; ++i) {
            I.Account memory a = channels.account(actors[i], actor(to));
            before[i] = a.collected;
            uint128 cumulative = uint128(within(cumulatives[i], 0, uint256(a.allocated) + 10));
            bytes memory sig;
            (vouchers[i], sig) = signVoucher(i, to, a.epoch, cumulative);
            vs[i] = compact(vouchers[i], sig);
        }
        uint256 total = channels.collectCompact(actor(to), vs);
        for (uint256 i = 0; i < ACTORS; ++i) {
            uint128 part = channels.account(actors[i], actor(to)).collected - before[i];
            note(vouchers[i], before[i], part);
            total -= part;
        }
        eq(total, 0, "the parts are the whole");
    }

    function compact(I.Voucher memory v, bytes memory sig) private pure returns (I.CompactVoucher memory) {
        (bytes32 r, uint256 s) = abi.decode(sig, (bytes32, uint256));
        return I.CompactVoucher(v.payer, v.cumulative, r, bytes32(s | (uint256(uint8(sig[64]) - 27) << 255)));
    }

    function claim(uint256 who) external {
        if (channels.claimable(actor(who)) == 0 || token.denied(actor(who))) return;
        channels.claim(actor(who));
    }

    function signVoucher(
        uint256 from,
        uint256 to,
        uint64 epoch,
        uint128 cumulative
    ) private returns (I.Voucher memory v, bytes memory sig) {
        v = I.Voucher(actor(from), actor(to), epoch, cumulative);
        sig = signature(keys[from % ACTORS], channels.voucherDigest(v));
        uint128 before = highest[v.payer][v.payee][epoch];
        if (cumulative > before) {
            highest[v.payer][v.payee][epoch] = cumulative;
            signedFor[v.payee] += cumulative - before;
        }
    }

    function note(I.Voucher memory v, uint128 before, uint128 part) private {
        paid[v.payer] += part;
        received[v.payee] += part;
        I.Account memory a = channels.account(v.payer, v.payee);
        if (a.collected != before + part) miscounted = true;
        if (a.signer == address(0)) return; // closed: nothing was collected
        // What is collected never falls within an epoch, and epochs never come back.
        uint64 last = lastEpoch[v.payer][v.payee];
        if (a.epoch < last) miscounted = true;
        if (a.epoch == last && a.collected < lastCollected[v.payer][v.payee]) miscounted = true;
        (lastEpoch[v.payer][v.payee], lastCollected[v.payer][v.payee]) = (a.epoch, a.collected);
    }
}

contract ChannelsInvariants is Walk {
    DenyToken private token;
    PaymentChannels private channels;
    ChannelsHandler private handler;

    function setUp() public {
        vm.warp(1_700_000_000);
        token = new DenyToken();
        channels = new PaymentChannels(token, 60);
        handler = new ChannelsHandler(token, channels);
        walkOver(handler);
    }

    function putAside(address payer) private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.count(); ++i) {
            I.Account memory a = channels.account(payer, handler.actors(i));
            ok(a.collected <= a.allocated, "collected <= allocated");
            sum += a.allocated - a.collected;
        }
    }

    /// After every call.
    function invariant_holds() public view {
        ok(!handler.miscounted(), "collected grows by exactly what is paid; an allocation counts once");
        if (isCounted()) sums();
    }

    /// After every walk.
    function afterInvariant() public {
        sums();
        everyDepositHasAWayOut();
    }

    function sums() private view {
        tokensHeldAreFreeBalancesAllocationsAndClaimables();
        everyPayerHasWhatItPutInLessWhatItTookAndPaid();
        nobodyReceivesMoreThanWasSignedFor();
    }

    function tokensHeldAreFreeBalancesAllocationsAndClaimables() private view {
        uint256 sum;
        for (uint256 i = 0; i < handler.count(); ++i) {
            address who = handler.actors(i);
            sum += channels.balance(who) + putAside(who) + channels.claimable(who);
        }
        eq(token.balanceOf(address(channels)), sum, "held = free + put aside + claimable");
    }

    function everyPayerHasWhatItPutInLessWhatItTookAndPaid() private view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            address who = handler.actors(i);
            uint256 accounted =
                channels.balance(who) + putAside(who) + handler.withdrawn(who) + handler.paid(who);
            eq(handler.deposited(who), accounted, "deposited = free + put aside + withdrawn + paid");
        }
    }

    function nobodyReceivesMoreThanWasSignedFor() private view {
        for (uint256 i = 0; i < handler.count(); ++i) {
            address who = handler.actors(i);
            ok(handler.received(who) <= handler.signedFor(who), "received <= signed for");
        }
    }

    /// Each payer alone, in the worst case through a thaw, gets all of its unspent deposit.
    function everyDepositHasAWayOut() private {
        for (uint256 i = 0; i < handler.count(); ++i) {
            address who = handler.actors(i);
            uint256 owed = channels.balance(who) + putAside(who);
            token.deny(who, false, DenyToken.Manner.Revert);
            uint256 before = token.balanceOf(who);
            walkAway(who);
            eq(token.balanceOf(who) - before, owed, "all of it came back");
        }
    }

    function walkAway(address who) private {
        vm.startPrank(who);
        for (uint256 i = 0; i < handler.count(); ++i) {
            address payee = handler.actors(i);
            I.Account memory a = channels.account(who, payee);
            if (a.signer == address(0)) continue;
            if (a.thawingUntil == 0) channels.thaw(payee);
            skip(60);
            channels.deallocate(payee);
        }
        uint256 free = channels.balance(who);
        if (free != 0) channels.withdraw(uint128(free));
        vm.stopPrank();
    }
}
