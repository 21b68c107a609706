// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels as I} from "../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {PaymentChannels} from "../../contracts/payments/PaymentChannels.sol";
import {Fixture} from "./support/Fixture.sol";

contract PaymentChannelsTest is Fixture {
    // --- deposit, withdraw ---

    function testFuzz_deposit_addsToThePayersBalance(uint128 amount) public {
        amount = uint128(within(amount, 1, WEALTH));
        vm.expectEmit();
        emit I.Deposited(alice, bob, amount, amount);
        vm.prank(bob); // a gift
        channels.deposit(alice, amount);
        eq(channels.balance(alice), amount, "alice's balance");
        eq(channels.balance(bob), 0, "bob's balance");
        eq(token.balanceOf(bob), WEALTH - amount, "bob paid");
    }

    function test_deposit_refusesNothingAndNobody() public {
        vm.expectRevert(I.ZeroAmount.selector);
        channels.deposit(alice, 0);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        channels.deposit(address(0), 1);
    }

    function test_withdraw_paysTheCallerUpToTheFreeBalance() public {
        openChannel(bob, 60);
        vm.startPrank(alice);
        channels.deposit(alice, 40);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 41, 40));
        channels.withdraw(41);
        channels.withdraw(40);
        vm.expectRevert(I.ZeroAmount.selector);
        channels.withdraw(0);
        vm.stopPrank();
        eq(token.balanceOf(alice), WEALTH - 60, "only what is allocated is away");
    }

    // --- allocate ---

    function test_allocate_opensTheFirstEpoch() public {
        vm.startPrank(alice);
        channels.deposit(alice, 100);
        vm.expectEmit();
        emit I.Allocated(alice, bob, 1, 70, carol, 30);
        channels.allocate(bob, 70, carol);
        vm.stopPrank();
        I.Account memory a = channels.account(alice, bob);
        eq(a.epoch, 1, "epoch");
        eq(a.allocated, 70, "allocated");
        eq(a.signer, carol, "signer");
        eq(channels.balance(alice), 30, "free balance");
    }

    function test_allocate_refusesZeros() public {
        vm.startPrank(alice);
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        channels.allocate(address(0), 1, alice);
        vm.expectRevert(I.ZeroSigner.selector);
        channels.allocate(bob, 1, address(0));
        vm.expectRevert(I.ZeroAmount.selector);
        channels.allocate(bob, 0, alice);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 1, 0));
        channels.allocate(bob, 1, alice);
        vm.stopPrank();
    }

    function test_allocate_onlyGrowsAndKeepsTheSigner() public {
        openChannel(bob, 100);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.AllocationOnlyGrows.selector, bob, 99, 100));
        channels.allocate(bob, 99, alice);
        vm.expectRevert(abi.encodeWithSelector(I.SignerPinned.selector, bob, carol, alice));
        channels.allocate(bob, 100, carol);
        channels.deposit(alice, 50);
        channels.allocate(bob, 150, alice);
        vm.stopPrank();
        eq(channels.account(alice, bob).allocated, 150, "absolute total");
        eq(channels.account(alice, bob).epoch, 1, "same epoch");
    }

    function test_allocate_pinsAnotherKeyForOneEpoch() public {
        vm.startPrank(alice);
        channels.deposit(alice, 100);
        channels.allocate(bob, 50, carol);
        channels.allocate(bob, 60, carol);
        vm.expectRevert(abi.encodeWithSelector(I.SignerPinned.selector, bob, alice, carol));
        channels.allocate(bob, 60, alice);
        vm.stopPrank();
        I.Voucher memory v = voucher(bob, 1, 10);
        eq(channels.collect(v, signature(carolKey, channels.voucherDigest(v))), 10, "carol's key pays");
        v.cumulative = 20;
        bytes memory sig = signed(v);
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, alice, carol));
        channels.collect(v, sig);

        vm.startPrank(alice);
        channels.thaw(bob);
        skip(CHANNEL_THAW);
        channels.deallocate(bob);
        eq(channels.account(alice, bob).signer, address(0), "no signer while closed");
        channels.allocate(bob, 60, alice);
        vm.stopPrank();
        eq(channels.account(alice, bob).signer, alice, "her own key in the next epoch");
        v = voucher(bob, 2, 10);
        sig = signature(carolKey, channels.voucherDigest(v));
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, carol, alice));
        channels.collect(v, sig);
        eq(channels.collect(v, signed(v)), 10, "alice's key pays");
    }

    function test_allocate_cancelsAThaw() public {
        openChannel(bob, 100);
        vm.startPrank(alice);
        channels.thaw(bob);
        channels.allocate(bob, 100, alice);
        skip(CHANNEL_THAW);
        vm.expectRevert(abi.encodeWithSelector(I.NotThawed.selector, bob, 0));
        channels.deallocate(bob);
        vm.stopPrank();
    }

    // --- thaw, deallocate ---

    function test_thaw_refusesAClosedAndAThawingChannel() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.ChannelClosed.selector, alice, bob));
        channels.thaw(bob);
        vm.stopPrank();
        openChannel(bob, 100);
        vm.startPrank(alice);
        channels.thaw(bob);
        uint40 until = uint40(block.timestamp) + CHANNEL_THAW;
        vm.expectRevert(abi.encodeWithSelector(I.AlreadyThawing.selector, bob, until));
        channels.thaw(bob);
        vm.stopPrank();
    }

    function test_deallocate_waitsThenFreesWhatWasNotCollected() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 30);
        vm.prank(alice);
        channels.thaw(bob);
        uint40 until = uint40(block.timestamp) + CHANNEL_THAW;
        vm.warp(until - 1);
        channels.collect(v, signed(v)); // still good while it thaws
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.NotThawed.selector, bob, until));
        channels.deallocate(bob);
        vm.warp(until);
        vm.prank(alice);
        channels.deallocate(bob);
        eq(channels.balance(alice), 70, "the rest is free");
        eq(channels.account(alice, bob).epoch, 1, "the epoch stays");
        eq(channels.account(alice, bob).signer, address(0), "closed");
        vm.prank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.ChannelClosed.selector, alice, bob));
        channels.deallocate(bob);
    }

    // --- collect ---

    function testFuzz_collect_paysTheDifferenceUpToTheAllocation(uint128 first, uint128 second) public {
        uint128 allocated = 1_000;
        first = uint128(within(first, 1, 2_000));
        second = uint128(within(second, 1, 2_000));
        openChannel(bob, allocated);
        I.Voucher memory v = voucher(bob, 1, first);
        uint128 expected = first < allocated ? first : allocated;
        vm.expectEmit();
        emit I.Collected(alice, bob, 1, expected, expected);
        vm.prank(mallory); // whoever submits
        eq(channels.collect(v, signed(v)), expected, "paid first");

        v.cumulative = second;
        uint128 total = second < allocated ? second : allocated;
        bytes memory sig = signed(v);
        if (total <= expected) {
            vm.expectRevert(abi.encodeWithSelector(I.NothingToCollect.selector, second, expected));
            channels.collect(v, sig);
        } else {
            eq(channels.collect(v, sig), total - expected, "paid second");
            expected = total;
        }
        eq(token.balanceOf(bob), WEALTH + expected, "the payee's balance");
        eq(channels.account(alice, bob).collected, expected, "collected");
    }

    function test_collect_refusesAClosedChannelAndAnotherEpoch() public {
        I.Voucher memory v = voucher(bob, 1, 5);
        bytes memory sig = signed(v);
        vm.expectRevert(abi.encodeWithSelector(I.ChannelClosed.selector, alice, bob));
        channels.collect(v, sig);
        openChannel(bob, 100);
        v.epoch = 2;
        sig = signed(v);
        vm.expectRevert(abi.encodeWithSelector(I.WrongEpoch.selector, 2, 1));
        channels.collect(v, sig);
    }

    function test_collect_refusesAnotherSignerAndMalformedSignatures() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 5);
        bytes memory sig = signature(malloryKey, channels.voucherDigest(v));
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, mallory, alice));
        channels.collect(v, sig);
        bytes memory good = signed(v);
        bytes[4] memory bad = [bytes(""), new bytes(64), new bytes(65), bytes.concat(good, hex"00")];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, address(0), alice));
            channels.collect(v, bad[i]);
        }
    }

    function test_collect_refusesTheMirrorImageOfASignature() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 5);
        (uint8 yParity, bytes32 r, bytes32 s) = vm.sign(aliceKey, channels.voucherDigest(v));
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        bytes memory mirrored = abi.encodePacked(
            r,
            bytes32(order - uint256(s)),
            yParity == 27 ? uint8(28) : uint8(27)
        );
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, address(0), alice));
        channels.collect(v, mirrored);
    }

    // --- collectMany ---

    function test_collectMany_paysGoodOnesAndSkipsBadOnesWithAnEvent() public {
        openChannel(bob, 100);
        vm.startPrank(carol);
        channels.deposit(carol, 50);
        channels.allocate(bob, 50, carol);
        vm.stopPrank();
        I.Voucher[] memory vs = new I.Voucher[](4);
        bytes[] memory sigs = new bytes[](4);
        vs[0] = voucher(bob, 1, 40);
        vs[1] = voucher(bob, 2, 60); // another epoch
        vs[2] = I.Voucher(carol, bob, 1, 20);
        vs[3] = voucher(bob, 1, 40); // the first again
        for (uint256 i = 0; i < 4; ++i) sigs[i] = signed(vs[i]);
        sigs[2] = signature(carolKey, channels.voucherDigest(vs[2]));

        vm.expectEmit();
        emit I.VoucherSkipped(alice, bob, 2, 60, I.WrongEpoch.selector);
        vm.expectEmit();
        emit I.VoucherSkipped(alice, bob, 1, 40, I.NothingToCollect.selector);
        eq(channels.collectMany(vs, sigs), 60, "paid");
        eq(token.balanceOf(bob), WEALTH + 60, "the payee's balance");
    }

    function test_collectMany_refusesListsThatDoNotFit() public {
        I.Voucher[] memory vs = new I.Voucher[](2);
        vm.expectRevert(abi.encodeWithSelector(I.LengthMismatch.selector, 2, 1));
        channels.collectMany(vs, new bytes[](1));
        vm.expectRevert(abi.encodeWithSelector(I.LengthMismatch.selector, 0, 0));
        channels.collectMany(new I.Voucher[](0), new bytes[](0));
        vs[0] = voucher(bob, 1, 1);
        vs[1] = voucher(carol, 1, 1);
        vm.expectRevert(abi.encodeWithSelector(I.DifferentPayee.selector, carol, bob));
        channels.collectMany(vs, new bytes[](2));
    }

    // --- collectCompact ---

    function test_collectCompact_paysGoodOnesAndSkipsBadOnesWithAnEvent() public {
        openChannel(bob, 100);
        vm.startPrank(carol);
        channels.deposit(carol, 50);
        channels.allocate(bob, 50, mallory); // another key than her own signs
        vm.stopPrank();
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](7);
        vs[0] = compact(aliceKey, voucher(bob, 1, 40));
        vs[1] = compact(aliceKey, voucher(bob, 2, 60)); // another epoch: another digest
        vs[2] = compact(malloryKey, I.Voucher(carol, bob, 1, 20));
        vs[3] = vs[0]; // the first again
        vs[4] = compact(carolKey, I.Voucher(carol, bob, 1, 30)); // not by the pinned key
        vs[5] = compact(malloryKey, I.Voucher(mallory, bob, 1, 30)); // no channel
        vs[6] = mirrorImage(vs[2]);

        vm.expectEmit();
        emit I.Collected(alice, bob, 1, 40, 40);
        expectSkip(alice, 1, 60, I.WrongSigner.selector);
        vm.expectEmit();
        emit I.Collected(carol, bob, 1, 20, 20);
        expectSkip(alice, 1, 40, I.NothingToCollect.selector);
        expectSkip(carol, 1, 30, I.WrongSigner.selector);
        expectSkip(mallory, 0, 30, I.ChannelClosed.selector);
        expectSkip(carol, 1, 20, I.WrongSigner.selector);
        eq(channels.collectCompact(bob, vs), 60, "paid");
        eq(token.balanceOf(bob), WEALTH + 60, "the payee's balance");
    }

    function test_collectCompact_ofNothingPaysNothing() public {
        eq(channels.collectCompact(bob, new I.CompactVoucher[](0)), 0, "paid");
        eq(token.balanceOf(bob), WEALTH, "the payee's balance");
    }

    function testFuzz_collectCompact_paysWhatCollectWouldPay(uint128 cumulative) public {
        openChannel(bob, 1_000);
        openChannel(carol, 1_000);
        cumulative = uint128(within(cumulative, 1, 2_000));
        I.Voucher memory v = voucher(bob, 1, cumulative);
        I.CompactVoucher[] memory vs = new I.CompactVoucher[](1);
        vs[0] = compact(aliceKey, voucher(carol, 1, cumulative));
        eq(channels.collectCompact(carol, vs), channels.collect(v, signed(v)), "the same");
    }

    function expectSkip(address payer, uint64 epoch, uint128 cumulative, bytes4 reason) private {
        vm.expectEmit();
        emit I.VoucherSkipped(payer, bob, epoch, cumulative, reason);
    }

    function mirrorImage(I.CompactVoucher memory v) private pure returns (I.CompactVoucher memory) {
        uint256 order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;
        uint256 s = (uint256(v.vs) << 1) >> 1;
        uint256 parity = uint256(v.vs) >> 255;
        // The mirror image of s needs 256 bits: what is cut off makes it another signature, which is as bad.
        return I.CompactVoucher(v.payer, v.cumulative, v.r, bytes32((order - s) | ((1 - parity) << 255)));
    }

    // --- construction ---

    function test_construction_refusesAnEndlessThaw() public {
        uint40 most = 365 days;
        vm.expectRevert(abi.encodeWithSelector(I.ThawTooLong.selector, most + 1, most));
        new PaymentChannels(token, most + 1);
        eq(new PaymentChannels(token, most).thawSeconds(), most, "a year is possible");
    }
}
