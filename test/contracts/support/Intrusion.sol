// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Fixture} from "./Fixture.sol";
import {HookToken, Intruder} from "./HostileTokens.sol";

/// @dev Everything over a token with hooks, and somebody with money who tries every guarded call of a contract in them.
abstract contract Intrusion is Fixture {
    Intruder internal evil;
    bytes4[] internal doors;

    function useHooks() internal {
        deploy(IERC20(address(new HookToken())));
        address[4] memory people = [alice, bob, carol, mallory];
        for (uint256 i = 0; i < people.length; ++i) fund(people[i]);
        evil = new Intruder();
        fund(address(evil));
        HookToken(address(token)).hook(address(evil));
    }

    /// @dev From now on it tries the doors of `house`.
    function lurk(address house) internal {
        evil.setHouse(house, doors);
    }

    /// @dev It was there since it lurks, and the guard kept every door shut.
    function shut() internal view {
        ok(evil.visits() != 0, "it was called");
        eq(bytes32(evil.openDoor()), 0, "every door is shut by the guard");
    }

    /// @dev What it has more or less than at the start.
    function gained(int256 amount) internal view {
        eq(token.balanceOf(address(evil)), uint256(int256(WEALTH) + amount), "what it has");
    }
}
