// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {PaymentChannels} from "../../contracts/payments/PaymentChannels.sol";
import {Fixture} from "./support/Fixture.sol";

/// @dev Answers every call with success and nothing.
contract MuteToken {
    fallback() external {}
}

contract TokenCustodyTest is Fixture {
    function test_takeIn_refusesATokenThatIsNone() public {
        address[2] memory tokens = [address(0xdead), address(new MuteToken())];
        for (uint256 i = 0; i < tokens.length; ++i) {
            PaymentChannels other = new PaymentChannels(IERC20(tokens[i]), CHANNEL_THAW);
            vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, tokens[i]));
            other.deposit(alice, 1);
        }
    }

    function test_tryPermitFor_usesThePermitOfTheOwnerWhoeverSendsIt() public {
        vm.prank(alice);
        token.approve(address(channels), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(channels), 50);
        vm.prank(mallory);
        channels.tryPermitFor(alice, 50, block.timestamp, v, r, s);
        eq(token.allowance(alice, address(channels)), 50, "allowed");
        eq(channels.balance(alice), 0, "and nothing taken");
    }

    function test_tryPermit_ignoresWhatIsNoPermit() public {
        vm.prank(alice);
        token.approve(address(channels), 7);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(malloryKey, address(channels), 50);
        channels.tryPermitFor(alice, 50, block.timestamp, v, r, s);
        vm.prank(alice);
        channels.tryPermit(50, block.timestamp, v, r, s);
        eq(token.allowance(alice, address(channels)), 7, "as it was");
    }
}
