// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IPaymentChannels} from "../../../contracts/interfaces/IPaymentChannels.sol";
import {GasFixture} from "../support/GasFixture.sol";

contract ChannelsGasTest is GasFixture {
    uint256 private constant BATCH = 25;

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
        IPaymentChannels.Voucher[] memory vs = new IPaymentChannels.Voucher[](BATCH);
        bytes[] memory sigs = new bytes[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            uint256 key;
            (vs[i], key) = usedChannel(i);
            sigs[i] = signature(key, channels.voucherDigest(vs[i]));
        }
        vm.prank(payee);
        channels.collectMany(vs, sigs);
        snapBatch("collect, 25 readable vouchers", "collect, each of 25 readable");
    }

    function test_gas_collectCompact() public {
        IPaymentChannels.CompactVoucher[] memory vs = new IPaymentChannels.CompactVoucher[](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            (IPaymentChannels.Voucher memory v, uint256 key) = usedChannel(i);
            vs[i] = compact(key, v);
        }
        vm.prank(payee);
        channels.collectCompact(payee, vs);
        snapBatch("collect, 25 vouchers", "collect, each of 25");
    }

    /// @dev The second voucher of a payer of its own.
    function usedChannel(uint256 i) private returns (IPaymentChannels.Voucher memory v, uint256 key) {
        address payer;
        (payer, key) = account(string.concat("payer", string(abi.encodePacked(uint8(65 + i)))));
        vm.prank(alice);
        channels.deposit(payer, 1e6);
        vm.prank(payer);
        channels.allocate(payee, 1e6, payer);
        v = IPaymentChannels.Voucher(payer, payee, 1, 10);
        channels.collect(v, signature(key, channels.voucherDigest(v)));
        v.cumulative = uint128(123_456 + i);
    }

    function snapBatch(string memory whole, string memory each) private {
        uint256 gas = vm.snapshotGasLastCall("PaymentChannels", whole);
        vm.snapshotValue("PaymentChannels", each, gas / BATCH);
    }
}
