// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

/// @dev Takes native coin as it is told: quietly, never, with all the gas there is, or by calling back.
contract Taker {
    enum Mood {
        Quiet,
        Reverting,
        Burning,
        Reentering
    }

    Mood public mood;
    address private target;
    bytes private call;
    bool public reentered;
    bytes public refusal;

    function set(Mood mood_, address target_, bytes calldata call_) external {
        (mood, target, call) = (mood_, target_, call_);
    }

    function act(address to, bytes calldata data) external payable {
        (bool ok, bytes memory answer) = to.call{value: msg.value}(data);
        if (!ok) {
            assembly {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    receive() external payable {
        if (mood == Mood.Reverting) revert("no");
        if (mood == Mood.Burning) {
            while (true) {}
        }
        if (mood == Mood.Reentering) (reentered, refusal) = target.call(call);
    }
}
