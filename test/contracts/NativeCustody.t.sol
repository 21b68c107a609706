// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {NativeCustody} from "../../contracts/courts/NativeCustody.sol";
import {INativeCustody as I} from "../../contracts/interfaces/INativeCustody.sol";
import {TestBase} from "./support/TestBase.sol";

/// @dev Pays and keeps whatever it is told to.
contract Purse is NativeCustody {
    function pay(address to, uint256 amount) external {
        _payNative(to, amount);
    }

    function keep(address to, uint256 amount) external {
        _keepNative(to, amount);
    }
}

contract NativeCustodyTest is TestBase {
    /// @dev GAS PUSH0 SSTORE STOP: writes down how much gas it was called with, but for the 2 that GAS costs.
    bytes private constant NOTES_ITS_GAS = hex"5a5f5500";
    /// @dev PUSH0 PUSH0 REVERT.
    bytes private constant REFUSES = hex"5f5ffd";
    uint256 private constant STIPEND = 2_300;

    Purse private purse;
    address private receiver;

    function setUp() public {
        purse = new Purse();
        vm.deal(address(purse), 1 ether);
        (receiver, ) = account("receiver");
    }

    function gasGiven() private view returns (uint256) {
        return uint256(vm.load(receiver, 0));
    }

    function test_pay_givesTheCoinAndAFixedAmountOfGas() public {
        vm.etch(receiver, NOTES_ITS_GAS);
        purse.pay(receiver, 1);
        eq(receiver.balance, 1, "one wei is paid too");
        eq(gasGiven(), 50_000 + STIPEND - 2, "gas");
        eq(purse.claimableNative(receiver), 0, "nothing waits");
    }

    function test_pay_callsNobodyForNothing() public {
        vm.etch(receiver, NOTES_ITS_GAS);
        purse.pay(receiver, 0);
        eq(gasGiven(), 0, "not called");
    }

    function test_pay_keepsWhatIsRefused() public {
        vm.etch(receiver, REFUSES);
        vm.expectEmit();
        emit I.NativeClaimableAdded(receiver, 1);
        purse.pay(receiver, 1);
        vm.expectEmit();
        emit I.NativeClaimableAdded(receiver, 5);
        purse.pay(receiver, 5);
        eq(purse.claimableNative(receiver), 6, "both");
        eq(address(purse).balance, 1 ether, "all of it is here");
    }

    function test_keep_saysNothingOfNothing() public {
        vm.recordLogs();
        purse.keep(receiver, 0);
        eq(vm.getRecordedLogs().length, 0, "no event");
        purse.keep(receiver, 1);
        eq(vm.getRecordedLogs().length, 1, "one wei is something");
    }

    function test_claim_paysAllThatWaitsOnce() public {
        purse.keep(receiver, 3);
        purse.keep(receiver, 4);
        vm.expectEmit();
        emit I.NativeClaimed(receiver, 7);
        eq(purse.claimNative(receiver), 7, "answered");
        eq(receiver.balance, 7, "paid");
        vm.expectRevert(abi.encodeWithSelector(I.NothingNativeToClaim.selector, receiver));
        purse.claimNative(receiver);
    }

    function test_claim_refusesWhileTheReceiverDoes() public {
        vm.etch(receiver, REFUSES);
        purse.keep(receiver, 7);
        vm.expectRevert(abi.encodeWithSelector(I.NativeRefused.selector, receiver, 7));
        purse.claimNative(receiver);
        eq(purse.claimableNative(receiver), 7, "waits");
    }
}
