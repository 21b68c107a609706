// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels as I} from "../../contracts/interfaces/IPaymentChannels.sol";
import {Fixture} from "./support/Fixture.sol";
import {TypedData} from "./support/TypedData.sol";

/// What an indexer reads, what is left behind, and the exact bytes that are signed.
contract PaymentChannelsEdgesTest is Fixture, TypedData {
    function test_withdraw_tellsWhoTookWhatAndWhatIsLeft() public {
        vm.startPrank(alice);
        channels.deposit(alice, 100);
        vm.expectEmit();
        emit I.Withdrawn(alice, 40, 60);
        channels.withdraw(40);
        vm.stopPrank();
    }

    function test_thaw_tellsTheEpochAndWhenItEnds() public {
        reopen();
        uint40 until = uint40(block.timestamp) + CHANNEL_THAW;
        vm.expectEmit();
        emit I.Thawing(alice, bob, 2, until);
        vm.prank(alice);
        channels.thaw(bob);
        eq(channels.account(alice, bob).thawingUntil, until, "until");
    }

    function test_deallocate_tellsWhatCameBackAndLeavesNothingButTheEpoch() public {
        reopen();
        I.Voucher memory v = voucher(bob, 2, 30);
        channels.collect(v, signed(v));
        uint256 free = channels.balance(alice);
        vm.startPrank(alice);
        channels.thaw(bob);
        skip(CHANNEL_THAW);
        vm.expectEmit();
        emit I.Deallocated(alice, bob, 2, 20, free + 20);
        channels.deallocate(bob);
        vm.stopPrank();
        I.Account memory a = channels.account(alice, bob);
        eq(a.epoch, 2, "the epoch stays");
        eq(a.allocated, 0, "nothing allocated");
        eq(a.collected, 0, "nothing collected");
        eq(a.signer, address(0), "no signer");
        eq(a.thawingUntil, 0, "nothing thaws");
    }

    function test_collectMany_countsNothingForWhatItSkips() public {
        openChannel(bob, 100);
        I.Voucher[] memory vs = new I.Voucher[](3);
        bytes[] memory sigs = new bytes[](3);
        vs[0] = voucher(bob, 9, 10);
        vs[1] = I.Voucher(carol, bob, 1, 10);
        vs[2] = voucher(bob, 1, 10);
        for (uint256 i = 0; i < 3; ++i) sigs[i] = signature(malloryKey, channels.voucherDigest(vs[i]));
        vm.expectEmit();
        emit I.VoucherSkipped(alice, bob, 9, 10, I.WrongEpoch.selector);
        vm.expectEmit();
        emit I.VoucherSkipped(carol, bob, 1, 10, I.ChannelClosed.selector);
        vm.expectEmit();
        emit I.VoucherSkipped(alice, bob, 1, 10, I.WrongSigner.selector);
        eq(channels.collectMany(vs, sigs), 0, "nothing");
        eq(token.balanceOf(bob), WEALTH, "nothing was paid");
        eq(channels.claimable(bob), 0, "nothing is owed");
    }

    function test_collect_tellsTheDifferenceAndTheSum() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 30);
        channels.collect(v, signed(v));
        v.cumulative = 80;
        bytes memory sig = signed(v);
        vm.expectEmit();
        emit I.Collected(alice, bob, 1, 50, 80);
        channels.collect(v, sig);
    }

    function test_collect_refusesAVoucherForWhatWasCollected() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 100);
        bytes memory sig = signed(v);
        channels.collect(v, sig);
        vm.expectRevert(abi.encodeWithSelector(I.NothingToCollect.selector, 100, 100));
        channels.collect(v, sig);
    }

    function testFuzz_voucherDigest_isThatOfEip712(
        address payer,
        address payee,
        uint64 epoch,
        uint128 sum
    ) public view {
        I.Voucher memory v = I.Voucher(payer, payee, epoch, sum);
        bytes32 domain = domainOf("Teahouse PaymentChannels", address(channels));
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Voucher(address payer,address payee,uint64 epoch,uint128 cumulative)"),
                payer,
                payee,
                epoch,
                sum
            )
        );
        eq(channels.voucherDigest(v), keccak256(abi.encodePacked(hex"1901", domain, structHash)), "digest");
    }

    /// @dev A channel of epoch 2 with less than the first had.
    function reopen() private {
        openChannel(bob, 100);
        vm.startPrank(alice);
        channels.thaw(bob);
        skip(CHANNEL_THAW);
        channels.deallocate(bob);
        channels.allocate(bob, 50, alice);
        vm.stopPrank();
        eq(channels.balance(alice), 50, "the rest is free");
    }
}
