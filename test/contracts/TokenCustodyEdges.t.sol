// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ITokenCustody} from "../../contracts/interfaces/ITokenCustody.sol";
import {TokenCustody} from "../../contracts/libraries/TokenCustody.sol";
import {LocalToken} from "../../contracts/token/LocalToken.sol";
import {TestBase} from "./support/TestBase.sol";

contract Custody is TokenCustody {
    constructor(IERC20 token_) TokenCustody(token_) {}

    function pay(address to, uint256 amount) external {
        _payOut(to, amount);
    }

    function take(uint256 amount) external {
        _takeIn(msg.sender, amount);
    }
}

/// @dev Answers a transfer with the bytes that it is told, and moves nothing.
contract Answering {
    bytes private answer;

    function willAnswer(bytes calldata answer_) external {
        answer = answer_;
    }

    fallback() external {
        bytes memory data = answer;
        assembly {
            return(add(data, 0x20), mload(data))
        }
    }
}

/// @dev Says yes to every transfer, and gives one byte too few of its balances.
contract ShortOfWords {
    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }

    fallback() external {
        assembly {
            return(0, 31)
        }
    }
}

/// Money in and out for a contract that does nothing else: which answers of a token count as paid, and what is owed after others.
contract TokenCustodyEdgesTest is TestBase {
    LocalToken private token;
    Custody private custody;
    address private alice = address(0xa11ce);

    function setUp() public {
        token = new LocalToken();
        custody = new Custody(token);
        token.mint(address(custody), 1_000);
    }

    function test_constructor_refusesToBeWithoutAToken() public {
        vm.expectRevert(ITokenCustody.ZeroAddress.selector);
        new Custody(IERC20(address(0)));
        eq(address(custody.token()), address(token), "token");
        eq(token.decimals(), 6, "like a stablecoin");
    }

    function test_payOut_paysAndOwesNothing() public {
        custody.pay(alice, 7);
        eq(token.balanceOf(alice), 7, "paid");
        eq(custody.claimable(alice), 0, "owed");
    }

    function test_payOut_addsUpWhatTheTokenRefuses() public {
        vm.expectEmit();
        emit ITokenCustody.ClaimableAdded(alice, 1_001);
        custody.pay(alice, 1_001); // more than there is
        custody.pay(alice, 2_000);
        eq(custody.claimable(alice), 3_001, "owed");
        eq(token.balanceOf(alice), 0, "nothing was paid");
    }

    function test_payOut_takesNothingOrTrueForPaid() public {
        Answering answering = new Answering();
        Custody other = new Custody(IERC20(address(answering)));
        bytes[2] memory yes = [bytes(""), abi.encode(true)];
        for (uint256 i = 0; i < yes.length; ++i) {
            answering.willAnswer(yes[i]);
            other.pay(alice, 1);
            eq(other.claimable(alice), 0, "paid");
        }
        answering.willAnswer(abi.encodePacked(abi.encode(true), "and more"));
        other.pay(alice, 1);
        eq(other.claimable(alice), 0, "paid, and more was said");
    }

    function test_payOut_takesEveryOtherAnswerForARefusal() public {
        Answering answering = new Answering();
        Custody other = new Custody(IERC20(address(answering)));
        bytes[4] memory no = [
            abi.encode(false),
            abi.encode(uint256(2)),
            abi.encodePacked(uint248(1)),
            abi.encodePacked(uint8(1))
        ];
        for (uint256 i = 0; i < no.length; ++i) {
            answering.willAnswer(no[i]);
            vm.expectEmit();
            emit ITokenCustody.ClaimableAdded(alice, 1 + i);
            other.pay(alice, 1 + i);
        }
        eq(other.claimable(alice), 10, "1 + 2 + 3 + 4 owed");
    }

    /// What is missing of the word would be read off the receiver's address.
    function test_payOut_takesTooShortAnAnswerForARefusal() public {
        Answering answering = new Answering();
        Custody other = new Custody(IERC20(address(answering)));
        address receiver = address(uint160(1) << 32);
        answering.willAnswer(new bytes(31));
        other.pay(receiver, 3);
        eq(other.claimable(receiver), 3, "owed");
    }

    function test_payOut_owesIfTheTokenIsNoContract() public {
        Custody other = new Custody(IERC20(address(0xdead)));
        other.pay(alice, 5);
        eq(other.claimable(alice), 5, "owed");
    }

    /// Code of one byte, which stops at once.
    function test_payOut_takesTheSmallestContractForAToken() public {
        address smallest = address(0xdead);
        vm.etch(smallest, hex"00");
        Custody other = new Custody(IERC20(smallest));
        other.pay(alice, 5);
        eq(other.claimable(alice), 0, "paid");
    }

    function test_payOut_ofNothingCallsNobody() public {
        Custody other = new Custody(IERC20(address(0xdead)));
        vm.recordLogs();
        other.pay(alice, 0);
        eq(vm.getRecordedLogs().length, 0, "no event");
    }

    function test_claim_paysOnceAndTells() public {
        custody.pay(alice, 1_001);
        eq(custody.claimable(alice), 1_001, "owed");
        token.mint(address(custody), 1);
        vm.expectEmit();
        emit ITokenCustody.Claimed(alice, 1_001);
        eq(custody.claim(alice), 1_001, "answer");
        eq(token.balanceOf(alice), 1_001, "paid");
        vm.expectRevert(abi.encodeWithSelector(ITokenCustody.NothingToClaim.selector, alice));
        custody.claim(alice);
    }

    function test_takeIn_refusesABalanceThatIsNoWord() public {
        address short = address(new ShortOfWords());
        Custody other = new Custody(IERC20(short));
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, short));
        other.take(0);
    }

    function test_takeIn_takesExactlyWhatItSays() public {
        token.mint(alice, 10);
        vm.startPrank(alice);
        token.approve(address(custody), 10);
        custody.take(10);
        vm.stopPrank();
        eq(token.balanceOf(address(custody)), 1_010, "taken");
    }
}
