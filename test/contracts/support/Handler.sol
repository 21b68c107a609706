// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {LocalToken} from "../../../contracts/token/LocalToken.sol";
import {DenyToken} from "./HostileTokens.sol";
import {TestBase} from "./TestBase.sol";

/// @dev What handlers of invariant tests share: a few actors, time that passes, and a token that now and then refuses one.
abstract contract Handler is TestBase {
    uint256 internal constant ACTORS = 4;
    uint256 internal constant WEALTH = 1e24;

    DenyToken public immutable token;
    address[] public actors;
    uint256[] internal keys;

    constructor(DenyToken token_) {
        token = token_;
        for (uint256 i = 0; i < ACTORS; ++i) {
            (address who, uint256 key) = account(
                string.concat("actor", string(abi.encodePacked(bytes1(uint8(48 + i)))))
            );
            actors.push(who);
            keys.push(key);
            LocalToken(token_).mint(who, WEALTH);
        }
    }

    function approveAll(address spender) internal {
        for (uint256 i = 0; i < ACTORS; ++i) {
            vm.prank(actors[i]);
            token.approve(spender, type(uint256).max);
        }
    }

    function actor(uint256 seed) internal view returns (address) {
        return actors[seed % ACTORS];
    }

    function count() external pure returns (uint256) {
        return ACTORS;
    }

    function passTime(uint16 seconds_) external {
        skip(seconds_ % 2_000);
        vm.roll(block.number + 1);
    }

    function toggleRefusal(uint256 seed) external {
        address who = actor(seed);
        token.deny(who, !token.denied(who), DenyToken.Manner.Revert);
    }
}
