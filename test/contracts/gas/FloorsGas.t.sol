// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {GasFixture} from "../support/GasFixture.sol";
import {FloorChannels} from "./floors/FloorChannels.sol";

/// @dev What minimal contracts take for the same operations under the same conditions.
contract FloorsGasTest is GasFixture {
    uint256 private constant BATCH = 25;

    FloorChannels private floor_;

    function setUp() public override {
        super.setUp();
        floor_ = new FloorChannels(token);
        vm.prank(carol);
        token.approve(address(floor_), type(uint256).max);
        open(carol, 1e9);
        vm.prank(alice);
        token.approve(address(floor_), type(uint256).max);
    }

    function test_gas_channels() public {
        vm.startPrank(alice);
        floor_.deposit(2e9);
        floor_.allocate(payee, 1e9);
        snap("Floors", "allocate");
        vm.stopPrank();
        collect(alice, aliceKey, 1_000);
        collect(alice, aliceKey, 2_500);
        snap("Floors", "collect");
    }

    function test_gas_batch() public {
        bytes32[3][] memory vouchers = new bytes32[3][](BATCH);
        for (uint256 i = 0; i < BATCH; ++i) {
            (address payer, uint256 key) = account(
                string.concat("payer", string(abi.encodePacked(uint8(65 + i))))
            );
            vm.prank(alice);
            token.transfer(payer, 1e6);
            vm.prank(payer);
            token.approve(address(floor_), type(uint256).max);
            open(payer, 1e6);
            collect(payer, key, 10);
            vouchers[i] = signed(payer, key, uint96(123_456 + i));
        }
        uint256 before = token.balanceOf(payee);
        vm.prank(payee);
        floor_.collect(vouchers, payee);
        uint256 gas = vm.snapshotGasLastCall("Floors", "collect, 25 vouchers");
        vm.snapshotValue("Floors", "collect, each of 25", gas / BATCH);
        ok(token.balanceOf(payee) - before > 25 * 123_000, "all were paid");
    }

    function open(address payer, uint128 total) private {
        vm.startPrank(payer);
        floor_.deposit(total);
        floor_.allocate(payee, total);
        vm.stopPrank();
    }

    function collect(address payer, uint256 key, uint96 cumulative) private {
        bytes32[3][] memory vouchers = new bytes32[3][](1);
        vouchers[0] = signed(payer, key, cumulative);
        vm.prank(payee);
        floor_.collect(vouchers, payee);
    }

    function signed(
        address payer,
        uint256 key,
        uint96 cumulative
    ) private view returns (bytes32[3] memory voucher_) {
        bytes32 packed = bytes32((uint256(uint160(payer)) << 96) | cumulative);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, floor_.digest(floor_.domainOf(), payee, packed));
        voucher_ = [packed, r, bytes32(uint256(s) | (uint256(v - 27) << 255))];
    }
}
