// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IPaymentChannels as I} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {PaymentChannels} from "../../../contracts/payments/PaymentChannels.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {Fixture} from "../support/Fixture.sol";

/// Numbered like the list of attacks in docs/contracts.md.
contract ChannelAttacksTest is Fixture {
    function refusedAsWrongSigner(PaymentChannels where, I.Voucher memory v, bytes memory sig) private {
        vm.expectPartialRevert(I.WrongSigner.selector);
        where.collect(v, sig);
    }

    function test_attack01_voucherReplayedElsewhere() public {
        openChannel(bob, 100);
        openChannel(carol, 100);
        I.Voucher memory v = voucher(bob, 1, 10);
        bytes memory sig = signed(v);

        // another payee, another payer, another epoch, another total
        refusedAsWrongSigner(channels, voucher(carol, 1, 10), sig);
        refusedAsWrongSigner(channels, voucher(bob, 1, 11), sig);
        vm.expectRevert(abi.encodeWithSelector(I.ChannelClosed.selector, mallory, bob));
        channels.collect(I.Voucher(mallory, bob, 1, 10), sig);
        vm.expectRevert(abi.encodeWithSelector(I.WrongEpoch.selector, 2, 1));
        channels.collect(voucher(bob, 2, 10), sig);

        // another contract with the same channel
        PaymentChannels twin = new PaymentChannels(token, CHANNEL_THAW);
        vm.startPrank(alice);
        token.approve(address(twin), 100);
        twin.deposit(alice, 100);
        twin.allocate(bob, 100, alice);
        vm.stopPrank();
        refusedAsWrongSigner(twin, v, sig);

        // another chain, or this one after a fork
        vm.chainId(block.chainid + 1);
        refusedAsWrongSigner(channels, v, sig);
    }

    function test_attack02_replayAfterReopening() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 100);
        bytes memory sig = signed(v);
        channels.collect(v, sig);
        vm.startPrank(alice);
        channels.thaw(bob);
        skip(CHANNEL_THAW);
        channels.deallocate(bob);
        vm.stopPrank();
        openChannel(bob, 100);
        eq(channels.account(alice, bob).epoch, 2, "a new epoch");
        eq(channels.account(alice, bob).collected, 0, "counted anew");
        vm.expectRevert(abi.encodeWithSelector(I.WrongEpoch.selector, 1, 2));
        channels.collect(v, sig);
    }

    function test_attack03_staleVoucherWithoutASignature() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 50);
        channels.collect(v, signed(v));
        uint128[3] memory totals = [uint128(0), 50, 60];
        for (uint256 i = 0; i < totals.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, address(0), alice));
            channels.collect(voucher(bob, 1, totals[i]), "");
        }
    }

    function test_attack05_payerDrainsItsDepositThroughASockPuppet() public {
        openChannel(bob, 100);
        openChannel(mallory, 1_000); // alice's sock puppet
        I.Voucher memory own = voucher(mallory, 1, type(uint128).max);
        channels.collect(own, signed(own));
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 1, 0));
        channels.withdraw(1);
        vm.expectRevert(abi.encodeWithSelector(I.InsufficientBalance.selector, alice, 1, 0));
        channels.allocate(mallory, 1_001, alice);
        channels.thaw(bob);
        vm.stopPrank();
        I.Voucher memory owed = voucher(bob, 1, 100);
        eq(channels.collect(owed, signed(owed)), 100, "bob gets all that was put aside for him");
    }

    function test_attack06_earlierCashOutDoesNotBrickTheClose() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 99);
        channels.collect(v, signed(v));
        vm.startPrank(alice);
        channels.thaw(bob);
        skip(CHANNEL_THAW);
        channels.deallocate(bob);
        channels.withdraw(1);
        vm.stopPrank();
        eq(token.balanceOf(address(channels)), 0, "all out");
    }

    function test_attack07_olderVoucherDoesNotLowerABalance() public {
        openChannel(bob, 100);
        I.Voucher memory newer = voucher(bob, 1, 80);
        I.Voucher memory older = voucher(bob, 1, 30);
        bytes memory olderSig = signed(older);
        channels.collect(newer, signed(newer));
        vm.expectRevert(abi.encodeWithSelector(I.NothingToCollect.selector, 30, 80));
        channels.collect(older, olderSig);
        eq(channels.account(alice, bob).collected, 80, "collected stays");
    }

    function test_attack09_permitFrontRun() public {
        uint256 deadline = block.timestamp;
        vm.prank(alice);
        token.approve(address(channels), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(channels), 50);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermit, (50, deadline, v, r, s));
        calls[1] = abi.encodeCall(I.deposit, (alice, 50));

        vm.prank(mallory); // uses alice's permit before her
        ERC20Permit(address(token)).permit(alice, address(channels), 50, deadline, v, r, s);
        vm.prank(alice);
        channels.multicall(calls);
        eq(channels.balance(alice), 50, "alice's deposit goes through");
    }

    function test_attack10_contractSignerCannotUnsign() public {
        Receiver wallet = new Receiver(); // says yes to every ERC-1271 question, today
        vm.startPrank(alice);
        channels.deposit(alice, 100);
        channels.allocate(bob, 100, address(wallet));
        vm.stopPrank();
        I.Voucher memory v = voucher(bob, 1, 10);
        bytes memory sig = signed(v);
        vm.expectRevert(abi.encodeWithSelector(I.WrongSigner.selector, alice, address(wallet)));
        channels.collect(v, sig);
    }

    function test_attack10_codeAtTheSignersAddressChangesNothing() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, 10);
        bytes memory sig = signed(v);
        vm.etch(alice, hex"60006000fd"); // EIP-7702: her account now refuses whatever it is asked
        eq(channels.collect(v, sig), 10, "a signature given stays given");
    }

    function test_attack22_cumulativeOverflowAndNarrowing() public {
        openChannel(bob, 100);
        I.Voucher memory v = voucher(bob, 1, type(uint128).max);
        eq(channels.collect(v, signed(v)), 100, "saturates at the allocation");
        v.epoch = uint64(type(uint32).max) + 2; // 1 when cut to 32 bits
        bytes memory sig = signed(v);
        vm.expectRevert(abi.encodeWithSelector(I.WrongEpoch.selector, v.epoch, 1));
        channels.collect(v, sig);
        vm.prank(alice);
        vm.expectRevert(
            abi.encodeWithSelector(I.InsufficientBalance.selector, alice, type(uint128).max - 100, 0)
        );
        channels.allocate(bob, type(uint128).max, alice);
    }

    function test_attack24_costOfAVoucherDoesNotGrow() public {
        openChannel(bob, 1_000);
        uint256 first;
        for (uint128 i = 1; i <= 40; ++i) {
            if (i > 2) openChannel(address(uint160(0x10000 + i)), 1);
            I.Voucher memory v = voucher(bob, 1, i);
            bytes memory sig = signed(v);
            uint256 gas = gasleft();
            channels.collect(v, sig);
            gas -= gasleft();
            if (i == 2) first = gas;
            if (i > 2) ok(gas <= first + 500, "the same for every voucher and any number of channels");
        }
    }

    function test_attack25_exitNeedsNobodyElse() public {
        openChannel(bob, 100); // bob never answers, alice has no voucher of his
        vm.startPrank(alice);
        channels.thaw(bob);
        skip(CHANNEL_THAW);
        channels.deallocate(bob);
        channels.withdraw(100);
        vm.stopPrank();
        eq(token.balanceOf(alice), WEALTH, "all back");
    }
}
