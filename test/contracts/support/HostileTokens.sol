// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {LocalToken} from "../../../contracts/token/LocalToken.sol";

/// @dev Keeps a hundredth of every transfer between accounts.
contract FeeToken is LocalToken {
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value / 100);
    }
}

/// @dev Like a rebasing token: one unit gets lost in rounding.
contract RoundingToken is LocalToken {
    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, from == address(0) || value == 0 ? value : value - 1);
    }
}

/// @dev Like USDT: `transfer` and `transferFrom` answer nothing.
contract SilentToken is LocalToken {
    function transfer(address to, uint256 value) public override returns (bool) {
        super.transfer(to, value);
        assembly {
            return(0, 0)
        }
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        super.transferFrom(from, to, value);
        assembly {
            return(0, 0)
        }
    }
}

/// @dev Refuses to move tokens from or to whom it lists: with a revert, with `false`, or with a megabyte of reasons.
contract DenyToken is LocalToken {
    enum Manner {
        Revert,
        False,
        Bomb
    }

    error Denied(address account);

    mapping(address => bool) public denied;
    Manner public manner;

    function deny(address account, bool yes, Manner manner_) external {
        denied[account] = yes;
        manner = manner_;
    }

    function transfer(address to, uint256 value) public override returns (bool) {
        if (denied[to]) {
            if (manner == Manner.False) return false;
            if (manner == Manner.Bomb) {
                assembly {
                    revert(0, 200000)
                }
            }
            revert Denied(to);
        }
        return super.transfer(to, value);
    }
}

interface IReceiver {
    function tokensReceived(address from, uint256 value) external;
}

/// @dev Like ERC-777: tells sender and receiver, if they have registered a hook, and lets them stop the transfer.
contract HookToken is LocalToken {
    mapping(address => bool) public hooked;

    function hook(address account) external {
        hooked[account] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from == address(0)) return;
        if (hooked[to]) IReceiver(to).tokensReceived(from, value);
        if (hooked[from]) IReceiver(from).tokensReceived(from, value);
    }
}

/// @dev A receiver that does what it is told when tokens come or go: nothing, revert, burn gas, or call back.
contract Receiver is IReceiver {
    enum Mood {
        Quiet,
        Reverting,
        Burning,
        Reentering
    }

    Mood public mood;
    address public target;
    bytes public call;
    bool public reentered;
    bytes public refusal;

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    function reenter(address target_, bytes calldata call_) external {
        (mood, target, call) = (Mood.Reentering, target_, call_);
    }

    function tokensReceived(address, uint256) public virtual {
        if (mood == Mood.Reverting) revert("no");
        if (mood == Mood.Burning) {
            while (true) {}
        }
        if (mood == Mood.Reentering) {
            bool ok;
            (ok, refusal) = target.call(call);
            reentered = reentered || ok;
        }
    }

    /// @dev Makes the receiver act as a person.
    function act(address target_, bytes calldata call_) external returns (bytes memory answer) {
        bool ok;
        (ok, answer) = target_.call(call_);
        if (!ok) {
            assembly {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }

    /// @dev ERC-1271: says yes to every signature.
    function isValidSignature(bytes32, bytes calldata) external pure returns (bytes4) {
        return 0x1626ba7e;
    }
}

/// @dev A receiver that, whenever tokens or coin come or go, tries every door of a house: calls it with zeros for all arguments.
contract Intruder is Receiver {
    /// @dev More than the arguments of any call take.
    uint256 private constant ARGUMENTS_BYTES = 1_024;

    address private house;
    uint32 public visits;
    /// @dev The last one that anything but the guard answered for.
    bytes4 public openDoor;
    bytes4[] private doors;

    function setHouse(address house_, bytes4[] calldata doors_) external {
        (house, visits, openDoor, doors) = (house_, 0, 0, doors_);
    }

    receive() external payable {
        tokensReceived(address(0), msg.value);
    }

    function tokensReceived(address from, uint256 value) public override {
        super.tokensReceived(from, value);
        tryDoors();
    }

    function tryDoors() internal {
        ++visits;
        bytes memory zeros = new bytes(ARGUMENTS_BYTES);
        for (uint256 i = 0; i < doors.length; ++i) {
            bytes4 door = doors[i];
            (bool entered, bytes memory answer) = house.call(bytes.concat(door, zeros));
            bytes4 guard = ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector;
            if (entered || bytes4(answer) != guard) openDoor = door;
        }
    }
}
