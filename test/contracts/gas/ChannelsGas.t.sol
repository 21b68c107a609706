// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {GasFixture} from "../support/GasFixture.sol";

contract ChannelsGasTest is GasFixture {
    function test_gas_channels() public {
        vm.prank(alice);
        channels.deposit(alice, 1e9);
        snap("PaymentChannels", "deposit");
        vm.prank(alice);
        channels.allocate(payee, 1e9, alice);
        snap("PaymentChannels", "allocate (open a channel)");
        IPaymentChannels.Voucher memory v = voucher(payee, 1, 1_000);
        channels.collect(v, signed(v));
        v.cumulative = 2_500;
        bytes memory sig = signed(v);
        vm.prank(payee);
        channels.collect(v, sig);
        snap("PaymentChannels", "collect");
        vm.prank(alice);
        channels.thaw(payee);
        snap("PaymentChannels", "thaw");
        skip(CHANNEL_THAW);
        vm.prank(alice);
        channels.deallocate(payee);
        snap("PaymentChannels", "deallocate");
        vm.prank(alice);
        channels.withdraw(1_000);
        snap("PaymentChannels", "withdraw");
    }

    function test_gas_collectMany() public {
        IPaymentChannels.Voucher[] memory vs = new IPaymentChannels.Voucher[](25);
        bytes[] memory sigs = new bytes[](25);
        for (uint256 i = 0; i < 25; ++i) {
            (address payer, uint256 key) = account(
                string.concat("payer", string(abi.encodePacked(uint8(65 + i))))
            );
            vm.prank(alice);
            channels.deposit(payer, 1e6);
            vm.prank(payer);
            channels.allocate(payee, 1e6, payer);
            vs[i] = IPaymentChannels.Voucher(payer, payee, 1, 10);
            channels.collect(vs[i], signature(key, channels.voucherDigest(vs[i])));
            vs[i].cumulative = uint128(123_456 + i);
            sigs[i] = signature(key, channels.voucherDigest(vs[i]));
        }
        vm.prank(payee);
        channels.collectMany(vs, sigs);
        uint256 gas = vm.snapshotGasLastCall("PaymentChannels", "collect, 25 vouchers");
        vm.snapshotValue("PaymentChannels", "collect, each of 25", gas / 25);
    }
}
