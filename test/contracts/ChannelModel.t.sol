// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels as I} from "../../contracts/interfaces/IPaymentChannels.sol";
import {ChannelFixture} from "./support/ChannelFixture.sol";

/// @dev What channels are said to do, written down as plainly as possible: alice pays, three people are paid.
contract ChannelModelTest is ChannelFixture {
    uint256 private constant STEPS = 40;
    uint256 private constant MOST = 1_000;
    uint40 private constant FAR = DEADLINE + 100_000;

    struct Channel {
        bool open;
        uint256 allocated;
        uint256 collected;
        uint256 epoch;
        uint256 thawedAt; // 0: not thawing
        uint256 nonce;
    }

    address[3] private payees;
    Channel[3] private model;
    uint256 private free;
    uint256 private outside;
    uint256[3] private paid;
    uint256 private dice;

    function setUp() public override {
        super.setUp();
        payees = [bob, carol, mallory];
        outside = WEALTH;
    }

    /// Random calls, good and bad ones, do in the contract what they do in the model.
    function testFuzz_model_randomCalls(uint256 seed) public {
        dice = seed;
        for (uint256 i = 0; i < STEPS; ++i) {
            uint256 which = roll(3);
            uint256 what = roll(10);
            if (what == 0) deposit(roll(MOST));
            else if (what == 1) withdraw(roll(MOST));
            else if (what <= 3) allocate(which, roll(MOST), what == 3);
            else if (what == 4) thaw(which, roll(2) == 0);
            else if (what == 5) deallocate(which, roll(2) == 0);
            else if (what <= 8) collect(which, roll(3), roll(MOST), what == 8);
            else skip(roll(CHANNEL_THAW));
            compare(which);
        }
        for (uint256 which = 0; which < 3; ++which) compare(which);
    }

    function deposit(uint256 amount) private {
        vm.prank(alice);
        (bool done, ) = address(channels).call(abi.encodeCall(I.deposit, (alice, uint128(amount))));
        ok(done == (amount != 0), "deposits anything but nothing");
        if (!done) return;
        free += amount;
        outside -= amount;
    }

    function withdraw(uint256 amount) private {
        vm.prank(alice);
        (bool done, ) = address(channels).call(abi.encodeCall(I.withdraw, (uint128(amount))));
        ok(done == (amount != 0 && amount <= free), "withdraws up to what is free");
        if (!done) return;
        free -= amount;
        outside += amount;
    }

    function allocate(uint256 which, uint256 total, bool signed_) private {
        Channel storage c = model[which];
        bytes memory call = abi.encodeCall(I.allocate, (payees[which], uint128(total), alice));
        if (signed_) {
            I.Allocation memory a = allocation(payees[which], uint128(total));
            a.epoch = uint64(c.open ? c.epoch : c.epoch + 1);
            a.nonce = uint64(c.nonce);
            call = abi.encodeCall(I.allocateFor, (a, signedAllocation(a)));
        }
        vm.prank(signed_ ? bob : alice);
        (bool done, ) = address(channels).call(call);
        bool should = total != 0 && total >= c.allocated && total - c.allocated <= free;
        ok(done == should, "allocates more, as far as there is something free");
        if (!done) return;
        free -= total - c.allocated;
        c.allocated = total;
        c.thawedAt = 0;
        if (!c.open) c.epoch += 1;
        if (signed_) c.nonce += 1;
        c.open = true;
    }

    function thaw(uint256 which, bool signed_) private {
        Channel storage c = model[which];
        bytes memory call = abi.encodeCall(I.thaw, (payees[which]));
        if (signed_) {
            bytes memory sig = signThaw(
                aliceKey,
                alice,
                payees[which],
                uint64(c.epoch),
                uint64(c.nonce),
                FAR
            );
            call = abi.encodeCall(I.thawFor, (alice, payees[which], FAR, sig));
        }
        vm.prank(signed_ ? bob : alice);
        (bool done, ) = address(channels).call(call);
        ok(done == (c.open && c.thawedAt == 0), "thaws what is open, once");
        if (!done) return;
        c.thawedAt = block.timestamp + CHANNEL_THAW;
        c.nonce += 1;
    }

    function deallocate(uint256 which, bool signed_) private {
        Channel storage c = model[which];
        bytes memory call = abi.encodeCall(I.deallocate, (payees[which]));
        if (signed_) {
            bytes memory sig = signDeallocation(
                aliceKey,
                alice,
                payees[which],
                uint64(c.epoch),
                uint64(c.nonce),
                FAR
            );
            call = abi.encodeCall(I.deallocateFor, (alice, payees[which], FAR, sig));
        }
        vm.prank(signed_ ? bob : alice);
        (bool done, ) = address(channels).call(call);
        ok(done == (c.thawedAt != 0 && block.timestamp >= c.thawedAt), "closes what has thawed");
        if (!done) return;
        free += c.allocated - c.collected;
        model[which] = Channel(false, 0, 0, c.epoch, 0, 0);
    }

    /// @dev `back`: a voucher of so many epochs ago.
    function collect(uint256 which, uint256 back, uint256 cumulative, bool inBatch) private {
        Channel storage c = model[which];
        if (back > c.epoch) back = 0;
        uint64 epoch = uint64(c.epoch - back);
        I.Voucher memory v = voucher(payees[which], epoch, uint128(cumulative));
        uint256 up = cumulative < c.allocated ? cumulative : c.allocated;
        bool should = c.open && back == 0 && up > c.collected;
        bytes memory call = abi.encodeCall(I.collect, (v, signed(v)));
        if (inBatch) {
            I.CompactVoucher[] memory vs = new I.CompactVoucher[](1);
            vs[0] = compact(aliceKey, v);
            call = abi.encodeCall(I.collectCompact, (payees[which], vs));
        }
        (bool done, ) = address(channels).call(call);
        ok(done == (should || inBatch), "collects what a voucher of this epoch adds; a batch skips the rest");
        if (!should) return;
        paid[which] += up - c.collected;
        c.collected = up;
    }

    function compare(uint256 which) private view {
        Channel memory c = model[which];
        I.Account memory a = channels.account(alice, payees[which]);
        eq(a.allocated, c.allocated, "allocated");
        eq(a.collected, c.collected, "collected");
        eq(a.epoch, c.epoch, "epoch");
        eq(a.thawingUntil, c.thawedAt, "thawing until");
        eq(a.signer, c.open ? alice : address(0), "signer");
        eq(channels.channelNonce(alice, payees[which]), c.nonce, "nonce");
        eq(channels.balance(alice), free, "free");
        eq(token.balanceOf(alice), outside, "alice's tokens");
        eq(token.balanceOf(payees[which]), WEALTH + paid[which], "the payee's tokens");
    }

    function roll(uint256 sides) private returns (uint256) {
        dice = uint256(keccak256(abi.encode(dice)));
        return dice % sides;
    }
}
